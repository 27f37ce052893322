"""What `connectedness columns` does: a drafted column map of one file, written for a person to confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.declare import wording
from connectedness.declare.instrument import Instrument
from connectedness.declare.project import Project, open_project
from connectedness.declare.registry import find_instrument, read_instrument
from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.files import write_text

if TYPE_CHECKING:
    from connectedness.ingest.proposal import Proposal

DEFAULT = Path("maps/export.yaml")
"""Where a drafted map is written: in the project, or, without one, in the folder that one stands in."""


def propose_map(
    file: Path,
    instruments: Sequence[str] = (),
    *,
    project: Path | None = None,
    out: Path | None = None,
    definition: Path | None = None,
    words: Path | None = None,
    force: bool = False,
) -> dict[str, Any]:
    """Draft the column map of an export, or of a survey tool's definition, and write it.

    Parameters
    ----------
    file : path
        An export, or a definition alone.
    instruments : sequence of str
        Ids of instruments, or paths of YAML files; by default those of the project's newest open wave.
    project : path, optional
        Folder with a `survey.yaml`, whose token, modules and breakdowns are looked for too. Where neither it nor an
        instrument is named, the folder that one stands in.
    out : path, optional
        Where to write; by default `maps/export.yaml` in the project.
    definition : path, optional
        The survey tool's own definition.
    words : path, optional
        Texts of the questions by item id, and labels of codes by option set, as `questionnaire` takes them.
    force : bool
        Overwrite `out`.

    Returns
    -------
    dict
        JSON-able: `out`, `format`, `title`, `confidence`, `why`, `columns`, `items` (by item id: `column`, `why`,
        `likeness`), `unsure`, `items_missing`, `columns_unused`, `labels_unknown` (by item and label: rows, or null),
        `not_shown` (by item: rows of labels too rare to be shown).

    Raises
    ------
    ConnectednessError
        When `out` is there and `force` is not given.
    DeclarationError, ContractError
        When the project, an instrument, the wording or the file does not hold.
    """
    if project is None and not instruments and Path("survey.yaml").is_file():
        project = Path()
    opened = open_project(project) if project is not None else None
    target = out or (opened.root if opened else Path()) / DEFAULT
    if target.exists() and not force:
        raise ConnectednessError(
            "this file is already there.", file=target, todo="Give another name with -o, or add --force."
        )
    found = _instruments(instruments, opened)
    from connectedness.ingest.propose import propose
    from connectedness.ingest.propose_yaml import proposal_yaml

    proposal = propose(
        file,
        found,
        definition=definition,
        survey=opened.survey if opened else None,
        wording=read_wording(words, found) if words else None,
        synonyms=read_synonyms(words, found) if words else None,
        policy=opened.policy if opened else None,
    )
    write_text(target, proposal_yaml(proposal))
    return {"out": str(target), **_summary(proposal)}


def _summary(proposal: Proposal) -> dict[str, Any]:
    told = ("format", "title", "confidence", "why", "unsure", "items_missing", "columns_unused", "labels_unknown")
    items = {
        item: {"column": one.column.name, "why": one.why, "likeness": round(one.likeness, 3)}
        for item, one in proposal.matches.items()
    }
    return {
        **{name: getattr(proposal, name) for name in told},
        "columns": proposal.map["columns"],
        "items": items,
        "not_shown": proposal.not_shown,
    }


def _instruments(names: Sequence[str], opened: Project | None) -> list[Instrument]:
    if not names and opened is None:
        raise DeclarationError(
            "it is not said which instrument's items to look for.",
            todo="Name one with --instrument (connectedness instruments lists them), or a project with --project.",
        )
    if not names and opened is not None:
        waves = [wave for wave in opened.survey.waves if not wave.closed] or list(opened.survey.waves)
        return list(opened.instruments(waves[-1].id))
    root = opened.root if opened else None
    found = [
        read_instrument(Path(name)) if Path(name).suffix in (".yaml", ".yml") else find_instrument(name, root)
        for name in names
    ]
    for one in found:
        if not one.has_key:
            raise DeclarationError(
                "a licence binds this instrument, so it ships without items to look for.",
                found=one.pinned,
                todo="If you have the right to use it, give the path of your own YAML file of it.",
            )
    return found


def read_wording(file: Path, instruments: Sequence[Instrument]) -> dict[str, tuple[str, ...]]:
    """Read the texts of questions by item id, in each language that is given.

    Raises
    ------
    DeclarationError
        When the file does not hold, or names an item that no instrument has.
    """
    brought = wording.read_wording(file)
    known = [item.id for one in instruments for item in one.items]
    for item in brought.items:
        if item not in known:
            raise DeclarationError(
                "this is not an item of the instrument.", file=file, found=item, allowed=", ".join(known)
            )
    return {item: tuple(said.words().values()) for item, said in brought.items.items()}


def read_synonyms(file: Path, instruments: Sequence[Instrument]) -> dict[str, dict[str, int]]:
    """Read the labels that a file of texts declares: by item id, the code of each.

    Raises
    ------
    DeclarationError
        When the file does not hold, or names an option set or a code that no instrument has.
    """
    brought = wording.read_wording(file).options
    sets = {name: one.codes for each in instruments for name, one in each.option_sets.items()}
    for name, by_code in brought.items():
        if name not in sets or set(by_code) - set(sets[name]):
            raise DeclarationError(
                "this option set, or a code of it, is not the instrument's.",
                file=file,
                found=name,
                allowed="; ".join(f"{one} with {', '.join(map(str, codes))}" for one, codes in sets.items()),
            )
    return {
        item.id: {text: code for code, said in brought[item.options].items() for text in said.words().values()}
        for one in instruments
        for item in one.items
        if item.options in brought
    }


def proposal_text(found: Mapping[str, Any]) -> str:
    """Say in words what was drafted, and what a person must look at."""
    guesses = {item: one for item, one in found["items"].items() if one["likeness"] < 1}
    sure = len(found["items"]) - len(guesses)
    lines = [
        f"Recognised as {found['title']} ({found['confidence']}): {'; '.join(found['why'])}.",
        f"{sure} items found by their id, name or exact text; {len(guesses)} more by a text that is alike (GUESS).",
    ]
    lines += [f"  GUESS {item}: {one['column']} ({one['likeness']:.2f} alike)" for item, one in guesses.items()]
    lines += [f"  {role}: {column}" for role, column in found["columns"].items()]
    if not found["items"]:
        lines.append("No item was found: is this the right instrument? Give its questions' words with --wording FILE.")
    lines += _listed("Not sure", found["unsure"])
    lines += _listed("Labels that no code has", _labels(found))
    lines += _listed("Items not found", found["items_missing"]) if found["items"] else []
    lines += _listed("Columns not used", found["columns_unused"])
    return "\n".join(
        [*lines, "", f"Written to {found['out']}. Look at every line of it, then write there:  confirmed: true"]
    )


def _labels(found: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{item}: {label}" + (f" ({rows:,} row{'' if rows == 1 else 's'})" if rows else "")
        for item, labels in found["labels_unknown"].items()
        for label, rows in labels.items()
    ]
    return lines + [
        f"{item}: {rows:,} {'row holds' if rows == 1 else 'rows hold'} labels too rare to be shown"
        for item, rows in found["not_shown"].items()
    ]


def _listed(title: str, lines: Sequence[str], most: int = 20) -> list[str]:
    shown = [f"  {line}" for line in lines[:most]]
    more = [f"  and {len(lines) - most} more, in the file"] if len(lines) > most else []
    return [f"{title}:", *shown, *more] if lines else []
