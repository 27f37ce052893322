"""Instruments by their pinned name: those that ship, and the project's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from connectedness.declare.instrument import Instrument
from connectedness.declare.source import read_source
from connectedness.errors import DeclarationError
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
    """Files of all instruments by name without ending; the project's own win."""
    files = {file.stem: file for file in sorted(instruments_folder().glob("*.yaml"))}
    if project is not None:
        files |= {file.stem: file for file in sorted((project / "instruments").glob("*.yaml"))}
    return files


def find_instrument(name: str, project: Path | None = None) -> Instrument:
    """The instrument called `name`: an id, or an id pinned to a version (`pisa-belonging@1`).

    Raises
    ------
    DeclarationError
        When there is none, or its version is another.
    """
    wanted, _, version = name.partition("@")
    found = [read_instrument(file) for file in instrument_files(project).values()]
    matching = [instrument for instrument in found if instrument.id == wanted]
    if not matching:
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
