"""Facts and notes of scales inside a release, beside the estimates of their wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from connectedness.disclosure.protected import FACT_KEY, Protected, ProtectedFacts
from connectedness.errors import ConnectednessError, DisclosureError
from connectedness.files import write_bytes
from connectedness.release.formats import FACT_NUMBERS, csv_bytes, json_text, typed_facts, write_parquet
from connectedness.release.open import notes_of, scales_csv_of, scales_parquet_of
from connectedness.release.package import fact_fields, notes_resource, resource
from connectedness.tables import SUPPRESSED

_NOTE_ORDER = ("kind", "scale", "check", "breakdown")


def facts_files(facts: ProtectedFacts | None, protected: Protected) -> dict[str, bytes]:
    """Names and bytes of the CSV and the notes of a wave's facts; none without facts.

    Raises
    ------
    ConnectednessError
        When the facts are not ProtectedFacts, or of another wave, audience or minimum than the estimates.
    DisclosureError
        When a hidden fact still holds a number.
    """
    if facts is None:
        return {}
    if not isinstance(facts, ProtectedFacts):
        raise ConnectednessError(
            "only facts that have passed protect_facts() can be released.",
            found=type(facts).__name__,
            allowed="ProtectedFacts",
            todo="Call connectedness.disclosure.facts.protect_facts first.",
        )
    theirs, ours = ((one.wave, one.audience, one.minimum) for one in (facts, protected))
    if theirs != ours:
        raise ConnectednessError("these facts were not protected with these estimates.", found=theirs, allowed=ours)
    wave = protected.wave
    notes = sorted(facts.notes, key=lambda note: tuple(str(note.get(name, "")) for name in _NOTE_ORDER))
    return {
        scales_csv_of(wave): csv_bytes(_released(facts)),
        notes_of(wave): json_text(notes).encode("utf-8"),
    }


def _released(facts: ProtectedFacts) -> pd.DataFrame:
    frame = typed_facts(facts.released())
    hidden = frame["reason"] == SUPPRESSED
    if frame.loc[hidden, ["n", *FACT_NUMBERS]].notna().any(axis=None):
        raise DisclosureError("a hidden fact still holds a number, so nothing was released.")
    if (frame["wave"] != facts.wave).any() or frame.duplicated(list(FACT_KEY)).any():
        raise ConnectednessError("the facts to release do not have one row for each fact of this wave.")
    # Row order must tell nothing, and zero has one spelling.
    frame = frame.sort_values(list(FACT_KEY), ignore_index=True)
    return frame.assign(**{name: frame[name] + 0.0 for name in FACT_NUMBERS})


def write_facts(
    built: Path, facts: ProtectedFacts | None, files: Mapping[str, bytes], metadata: Mapping[str, Any]
) -> None:
    """Write what `facts_files` gave, and the table as parquet."""
    if facts is not None:
        write_parquet(built / scales_parquet_of(facts.wave), _released(facts), metadata)
    for name, content in files.items():
        write_bytes(built / name, content)


def read_facts(built: Path, waves: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Facts of each wave that has any, those carried from before among them."""
    files = {wave: built / scales_parquet_of(wave) for wave in waves}
    return {wave: pd.read_parquet(file, engine="pyarrow") for wave, file in files.items() if file.is_file()}


def facts_resources(
    built: Path, codebook: Mapping[str, Any], facts: Mapping[str, pd.DataFrame], waves: Sequence[str]
) -> list[dict[str, Any]]:
    """Describe the files of facts and notes for the data package."""
    tables = [
        resource(
            built,
            scales_csv_of(wave),
            f"Facts of the scales of {wave}",
            fact_fields(codebook, rows),
            alternates=[scales_parquet_of(wave)],
        )
        for wave, rows in facts.items()
    ]
    notes = [
        notes_resource(built, notes_of(wave), f"What was found about the scales of {wave}")
        for wave in waves
        if (built / notes_of(wave)).is_file()
    ]
    return [*tables, *notes]
