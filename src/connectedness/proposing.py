"""What `connectedness columns` does: a drafted column map of one file, written for a person to confirm."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.declare.instrument import Instrument
from connectedness.declare.project import Project, open_project
from connectedness.declare.registry import find_instrument, read_instrument
from connectedness.declare.source import read_source
from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.files import write_text

if TYPE_CHECKING:
    from connectedness.ingest.propose import Proposal

DEFAULT = Path("maps/export.yaml")
"""Where a drafted map is written: in the project, or, without one, in the folder that one stands in."""


def propose_map(
    file: Path,
    instruments: Sequence[str] = (),
    *,
    project: Path | None = None,
    out: Path | None = None,
    definition: Path | None = None,
    wording: Path | None = None,
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
        Folder with a `survey.yaml`, whose token, modules and breakdowns are looked for too.
    out : path, optional
        Where to write; by default `maps/export.yaml` in the project.
    definition : path, optional
        The survey tool's own definition.
    wording : path, optional
        Texts of the questions by item id: YAML, or a CSV with the columns `item` and `text`.
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
        wording=read_wording(wording, found) if wording else None,
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
    """Read the texts of questions by item id.

    Raises
    ------
    DeclarationError
        When the file does not hold, or names an item that no instrument has.
    """
    held = _from_csv(file) if file.suffix.lower() == ".csv" else read_source(file).data
    if isinstance(held, Mapping) and isinstance(held.get("items"), Mapping):
        held = held["items"]  # the file that the command questionnaire takes has labels beside the texts
    if not isinstance(held, Mapping):
        raise DeclarationError("a wording file gives a text for each item id.", file=file, allowed="item_id: text")
    known = [item.id for one in instruments for item in one.items]
    out = {}
    for item, said in held.items():
        texts = list(said.values()) if isinstance(said, Mapping) else said if isinstance(said, list) else [said]
        if item not in known:
            raise DeclarationError(
                "this is not an item of the instrument.", file=file, found=item, allowed=", ".join(known)
            )
        if not all(isinstance(text, str) for text in texts):
            raise DeclarationError("a question's wording is text.", file=file, key=str(item), todo="Put it in quotes.")
        out[str(item)] = tuple(texts)
    return out


def _from_csv(file: Path) -> dict[str, list[str]]:
    try:
        lines = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    except FileNotFoundError:
        raise DeclarationError("this file is not there.", file=file, todo="Check the name and the folder.") from None
    except (UnicodeDecodeError, csv.Error):
        raise DeclarationError("this is not a CSV file in UTF-8.", file=file, todo="Save it as 'CSV UTF-8'.") from None
    said = {"text", "en", "fr"} & set(lines[0]) if lines else set()
    if not said or "item" not in lines[0]:
        raise DeclarationError("a wording file has the columns item and text.", file=file, allowed="item,text")
    out: dict[str, list[str]] = {}
    for line in (one for one in lines if not (one.get("code") or "").strip()):  # a row with a code is a label
        texts = [text for name in sorted(said) if (text := line[name])]
        out.setdefault((line["item"] or "").strip(), []).extend(texts)
    return out


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
    lines += _listed("Items not found", found["items_missing"])
    lines += _listed("Columns not used", found["columns_unused"])
    return "\n".join(
        [*lines, "", f"Written to {found['out']}. Look at every line of it, then write there:  confirmed: true"]
    )


def _labels(found: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{item}: {label}" + (f" ({rows:,} rows)" if rows else "")
        for item, labels in found["labels_unknown"].items()
        for label, rows in labels.items()
    ]
    return lines + [
        f"{item}: {rows:,} rows hold labels too rare to be shown" for item, rows in found["not_shown"].items()
    ]


def _listed(title: str, lines: Sequence[str], most: int = 20) -> list[str]:
    shown = [f"  {line}" for line in lines[:most]]
    more = [f"  and {len(lines) - most} more, in the file"] if len(lines) > most else []
    return [f"{title}:", *shown, *more] if lines else []
