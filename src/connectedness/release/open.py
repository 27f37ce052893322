"""Opening a release: every byte is checked before any number is believed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.errors import ConnectednessError
from connectedness.files import legal_name
from connectedness.release.folder import MANIFEST, verified_manifest

if TYPE_CHECKING:
    import pandas as pd

ESTIMATES, ROWS = "estimates", "rows"


@dataclass(frozen=True)
class Release:
    """A verified release.

    Attributes
    ----------
    path : Path
        Its folder.
    kind : str
        `estimates` (protected numbers of groups) or `rows` (restricted-use rows for one research project).
    manifest, codebook : dict
    frame : DataFrame
        Its table.
    facts : DataFrame
        Facts of scales beside the estimates; without a row where the release has none.
    notes : dict
        What was found about scales, a list of notes by wave id.
    """

    path: Path
    kind: str
    manifest: dict[str, Any]
    codebook: dict[str, Any]
    frame: pd.DataFrame
    facts: pd.DataFrame
    notes: dict[str, list[dict[str, Any]]]

    @property
    def estimates(self) -> pd.DataFrame:
        """Estimates of all its waves, the earliest first; n and eligible whole numbers, suppressed cells null."""
        return self._of_kind(ESTIMATES)

    @property
    def scales(self) -> pd.DataFrame:
        """Facts of scales of all its waves, the earliest first; without a row where the release has none."""
        self._of_kind(ESTIMATES)
        return self.facts

    @property
    def rows(self) -> pd.DataFrame:
        """Restricted-use rows: one per respondent and wave."""
        return self._of_kind(ROWS)

    def _of_kind(self, kind: str) -> pd.DataFrame:
        if self.kind != kind:
            raise ConnectednessError(f"this release holds {self.kind}, not {kind}.", file=self.path)
        return self.frame


def open_release(path: str | Path) -> Release:
    """Verify a release and read it.

    Parameters
    ----------
    path : str or Path
        The folder of one release.

    Returns
    -------
    Release
        Of estimates: `.estimates` (a table; suppressed cells are null), `.scales` (facts of scales, a table) and
        `.notes` (what was found about scales, by wave). Of restricted-use rows: `.rows`. Always: `.kind`, `.path`,
        `.manifest` and `.codebook`.

    Notes
    -----
    Keys of the codebook, whose titles are `{"en": ..., "fr": ... or None}`:

    - `survey`: id, title, synthetic, units (widest first), languages. `publication`: publisher, keywords, and in a
      public release licence, url and doi; only those that are declared. `engine`: version.
    - `policy`: id, version; minimum (students behind a number) and small, or, of rows, k. `audience` of estimates,
      or `project` of rows.
    - `waves`: id, title, window (first and last day), compared_with, instruments, closed.
    - `units` (estimates): unit_type, unit, title, parent_type, parent. `breakdowns`: id, title, levels (id, title).
    - `measures`: id, title, statistic, kind (mean, share, sd, change, verdict, rate), unit (points, share, yes_no),
      range, scale, item, code, and of, the measure that an sd, a change or a verdict is about. Empty for rows.
    - `scales`: id, instrument, title, description, items, min_answered, structure, range.
    - `items`: id, instrument, kind, text, short, variable, polarity, reversed, codes (code, label, points),
      favourable, scales. Items of sensitive modules are never among them.
    - `instruments`: pinned, title, standing, source, licence (tier, terms), sha256.
    - `variables`: name, type, unit, description of each column of the table; of rows also role and codes, and the
      codebook's `missing` has the codes of missing answers.
    - `scale_variables` and `statistics`, where the release has facts of scales: the columns of `.scales`, and what
      each statistic is.
    - `events` (estimates): school, date, practice, note.

    Keys of the manifest: release, hash, kind, engine, survey, waves, files (SHA-256 by name), policy, and `made_with`
    (engine, engine_source_sha256, libraries) and `declared` (SHA-256 of policy, column_maps, instruments, contracts,
    parameters). Of estimates also audience, wave, protected (cells and suppressed, by wave) and carried (made_with
    and declared of waves released before); of rows project, blanked and dropped.

    Raises
    ------
    ConnectednessError
        When the folder is no release, or when a file in it is missing, changed, or not listed.
    """
    import pandas as pd

    from connectedness.release.formats import no_facts, typed_estimates

    folder = Path(path)
    manifest = verified_manifest(folder)
    if manifest["kind"] == ROWS:
        codebook = _codebook(folder, manifest, ["rows.parquet"])
        frame = pd.read_parquet(folder / "rows.parquet", engine="pyarrow")
        return Release(folder, ROWS, manifest, codebook, frame, no_facts(), {})
    if manifest["kind"] != ESTIMATES:
        raise ConnectednessError(
            "this kind of release is not known to this version of connectedness.",
            file=folder / MANIFEST,
            found=manifest["kind"],
            allowed=f"{ESTIMATES}, {ROWS}",
        )
    codebook = _codebook(folder, manifest, [parquet_of(str(wave)) for wave in manifest["waves"]])
    waves = [
        typed_estimates(pd.read_parquet(folder / parquet_of(wave), engine="pyarrow")) for wave in manifest["waves"]
    ]
    facts, notes = _facts_and_notes(folder, manifest)
    return Release(folder, ESTIMATES, manifest, codebook, pd.concat(waves, ignore_index=True), facts, notes)


def _facts_and_notes(folder: Path, manifest: dict[str, Any]) -> tuple[pd.DataFrame, dict[str, list[dict[str, Any]]]]:
    """What a release says of scales; waves released without such facts have none."""
    import pandas as pd

    from connectedness.release.formats import no_facts, typed_facts

    there = manifest["files"]
    tables = [
        typed_facts(pd.read_parquet(folder / scales_parquet_of(wave), engine="pyarrow"))
        for wave in manifest["waves"]
        if scales_parquet_of(wave) in there
    ]
    notes = {
        wave: json.loads((folder / notes_of(wave)).read_text(encoding="utf-8"))
        for wave in manifest["waves"]
        if notes_of(wave) in there
    }
    return (pd.concat(tables, ignore_index=True) if tables else no_facts()), notes


def _codebook(folder: Path, manifest: dict[str, Any], tables: list[str]) -> dict[str, Any]:
    """Read the codebook of a release that lists it and its tables."""
    unlisted = sorted({"codebook.json", *tables} - set(manifest["files"]))
    if unlisted or not tables:
        raise ConnectednessError(
            "this manifest does not have the parts of a release.",
            file=folder / MANIFEST,
            allowed=", ".join(unlisted) or "one wave or more",
        )
    codebook: dict[str, Any] = json.loads((folder / "codebook.json").read_text(encoding="utf-8"))
    return codebook


def current_release(store: Path, audience: str) -> Path | None:
    """Folder of the last release to an audience; None when there is none yet.

    Raises
    ------
    ConnectednessError
        When the file that names it does not hold, or names a folder that is gone.
    """
    pointer = pointer_of(store, audience)
    if not pointer.is_file():
        return None
    try:
        name = json.loads(pointer.read_text(encoding="utf-8"))["release"]
    except (ValueError, KeyError, TypeError):
        name = None
    releases = pointer.parent
    if not isinstance(name, str) or (releases / name).parent != releases or not (releases / name).is_dir():
        raise ConnectednessError(
            "this file should name the current release, and no such release is here.",
            file=pointer,
            found=None if name is None else repr(name),
            todo="Put the release's folder back from a backup. Without it, earlier waves cannot be carried on.",
        )
    return releases / name


def pointer_of(store: Path, audience: str) -> Path:
    """File that names the current release of an audience."""
    return store / "releases" / f"current-{audience}.json"


def parquet_of(wave: str) -> str:
    """Name, inside a release, of a wave's estimates."""
    return f"estimates/{legal_name(wave)}.parquet"


def csv_of(wave: str) -> str:
    """Name, inside a release, of a wave's estimates as CSV."""
    return f"estimates/{legal_name(wave)}.csv"


def scales_parquet_of(wave: str) -> str:
    """Name, inside a release, of the facts of a wave's scales."""
    return f"scales/{legal_name(wave)}.parquet"


def scales_csv_of(wave: str) -> str:
    """Name, inside a release, of the facts of a wave's scales as CSV."""
    return f"scales/{legal_name(wave)}.csv"


def notes_of(wave: str) -> str:
    """Name, inside a release, of what was found about a wave's scales."""
    return f"notes/{legal_name(wave)}.json"


def files_of(wave: str) -> tuple[str, ...]:
    """Names, inside a release, of every file that a wave may have there."""
    return (parquet_of(wave), csv_of(wave), scales_parquet_of(wave), scales_csv_of(wave), notes_of(wave))
