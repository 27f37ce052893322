"""Instruments by their pinned name: those that ship, and the project's own."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from connectedness.declare.instrument import Instrument
from connectedness.declare.source import read_source
from connectedness.declare.verification import WEAKEST_FIRST
from connectedness.errors import DeclarationError
from connectedness.files import sha256_of
from connectedness.packaged import instruments_folder


@cache
def read_instrument(file: Path, shown: str | None = None) -> Instrument:
    """Read one instrument from YAML.

    Raises
    ------
    DeclarationError
        With file, line and key path, when it does not hold.
    """
    return read_source(file, shown).parse(Instrument)


def instrument_files(project: Path | None = None) -> dict[str, Path]:
    """Files of all instruments by name without ending; the project's own come first and win."""
    shipped = {file.stem: file for file in sorted(instruments_folder().glob("*.yaml"))}
    if project is None:
        return shipped
    own = {file.stem: file for file in sorted((project / "instruments").glob("*.yaml"))}
    return own | {name: file for name, file in shipped.items() if name not in own}


def find_instrument(name: str, project: Path | None = None) -> Instrument:
    """The instrument called `name`: an id, or an id pinned to a version (`pisa-belonging@1`).

    Raises
    ------
    DeclarationError
        When there is none, or its version is another.
    """
    wanted, _, version = name.partition("@")
    files = instrument_files(project)
    # A shipped file is named by its id, so the others need not be read; a project's own may have any name.
    likely = [file for stem, file in files.items() if stem == wanted or file.parent != instruments_folder()]
    matching = [one for one in map(read_instrument, likely) if one.id == wanted]
    if not matching:
        found = [read_instrument(file) for file in files.values()]
        raise DeclarationError(
            "this instrument is not known.",
            found=name,
            allowed=", ".join(sorted(instrument.pinned for instrument in found)),
            todo="Use one of these, or put your own YAML file into the project's instruments folder.",
        )
    for instrument in matching:
        if not version or str(instrument.version) == version:
            return instrument
    raise DeclarationError(
        "this version of the instrument is not here.",
        found=name,
        allowed=", ".join(instrument.pinned for instrument in matching),
    )


def instrument_of(instrument: Instrument | str) -> Instrument:
    """An instrument as it is, or the one that ships under a name.

    Raises
    ------
    DeclarationError
        When there is none of this name, or what is given is neither.
    """
    if isinstance(instrument, Instrument):
        return instrument
    if isinstance(instrument, str):
        return find_instrument(instrument)
    raise DeclarationError(
        "this is no instrument.",
        found=type(instrument).__name__,
        allowed="an Instrument, or the name of one that ships, as in pisa-belonging",
    )


def instrument_and_scale(what: str, project: Path | None = None) -> tuple[Instrument, str | None]:
    """An instrument by name or by the path of its YAML file, and the scale named after a colon, if one is.

    Raises
    ------
    DeclarationError
        When there is no such instrument or file, or the file does not hold.
    """
    head, colon, tail = what.rpartition(":")
    # What follows the colon of a drive's letter is a path, and no scale.
    name, scale = (head, tail) if colon and not set(tail) & set("./\\") else (what, "")
    path = Path(name)
    found = read_instrument(path) if path.suffix in (".yaml", ".yml") else find_instrument(name, project)
    return found, scale or None


def require_verified(instrument: Instrument, accepted: bool) -> None:
    """Refuse to score by a key that is not there, or that nobody has verified unless that is accepted.

    Parameters
    ----------
    instrument : Instrument
        What is to be scored.
    accepted : bool
        Whether the survey, or the person who scores one file, accepts unverified codes and polarities.

    Raises
    ------
    DeclarationError
        When a licence binds the instrument and the entry holds no key; or when a polarity or a set of codes is
        unverified and that is not accepted. It says which facts, and how to verify them.
    """
    if not instrument.has_key:
        raise DeclarationError(
            "a licence binds this instrument, so it ships without a key.",
            found=instrument.pinned,
            todo=(
                "If you have the right to use it, put a YAML file with its id, its key and the permission (holder, "
                f"reference, date) into the project's instruments folder. {instrument.licence.terms}"
            ),
        )
    if instrument.unverified and not accepted:
        raise DeclarationError(
            f"not everything that decides the scores of {instrument.pinned} has been verified.",
            found="; ".join(fact.words for fact in instrument.unverified_facts),
            allowed="codes and polarities read in a published source or in the codebook of your file",
            todo=(
                "Compare these with the codebook and the questionnaire of your file. If they agree, set "
                "accept_unverified: true in survey.yaml (or add --accept-unverified for one file); if not, put a "
                "corrected copy of the instrument into the project's instruments folder."
            ),
        )


def instruments_table(project: Path | None = None) -> list[dict[str, Any]]:
    """List every instrument, as `connectedness instruments` shows it; the project's own are marked.

    Returns
    -------
    list of dict
        JSON-able, by id and version: `id`, `version`, `pinned`, `title` and `population` ({en, fr}), `tier`, `cycles`,
        `n_items`, `scales`, `forms`, `verification` (see `verification_summary`), `permission` (bool), `own`, `file`
        and `sha256` of the file.

    Raises
    ------
    DeclarationError
        When a file does not hold.
    """
    rows = []
    for file in instrument_files(project).values():
        one = read_instrument(file)
        rows.append(
            {
                "id": one.id,
                "version": one.version,
                "pinned": one.pinned,
                "title": one.title.model_dump(),
                "tier": one.licence.tier,
                "population": None if one.population is None else one.population.model_dump(),
                "cycles": list(one.cycles),
                "n_items": len(one.items),
                "scales": [scale.id for scale in one.scales],
                "forms": [form.id for form in one.forms],
                "verification": verification_summary(one),
                "permission": one.permission is not None,
                "own": file.parent != instruments_folder(),
                "file": file.name,
                "sha256": sha256_of(file),
            }
        )
    return sorted(rows, key=lambda row: (row["id"], row["version"]))


def verification_summary(instrument: Instrument) -> dict[str, Any]:
    """How far an instrument is verified.

    Returns
    -------
    dict
        `standing`, the weakest of its codes and polarities: `own`, `published`, `code`, `unverified`,
        `not stated`, or `no key`; and how many facts are `own`, `published`, `code` and `unverified`.
    """
    counts = Counter(fact.how for fact in instrument.verification)
    decisive = {fact.how for fact in instrument.verification if fact.decisive}
    weakest = next((how for how in WEAKEST_FIRST if how in decisive), "not stated")
    return {
        "standing": weakest if instrument.has_key else "no key",
        **{how: counts[how] for how in ("own", "published", "code", "unverified")},
    }
