"""An attack on the releases that are current, made anew for the privacy inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectedness.declare.policy import AUDIENCES
from connectedness.declare.project import Project
from connectedness.store import read_if_there, wave_folder
from connectedness.tables import ALL, ESTIMATE_KEY, ESTIMATE_VALUES, SUPPRESSED

if TYPE_CHECKING:
    import pandas as pd

_UNIT = ["unit_type", "unit", "breakdown"]


def attack_releases(project: Project) -> list[dict[str, Any]]:
    """Attack each current release, wave by wave.

    Returns
    -------
    list of dict
        `release`, `audience`, `wave`, `minimum`, rows `shown` and `hidden`, and `recovered`: how many hidden numbers
        subtraction gives back.
    """
    from connectedness.release.open import current_release, open_release

    found = []
    for audience in AUDIENCES:
        folder = current_release(project.store, audience)
        if folder is None:
            continue
        release = open_release(folder)
        least = int(release.manifest["policy"]["minimum"])
        for wave, shown in release.estimates.groupby("wave", sort=False):
            told = _attacked(project, str(wave), shown.reset_index(drop=True), least)
            if told is not None:
                named = {"release": folder.name, "audience": audience, "wave": str(wave), "minimum": least}
                found.append(named | told)
    return found


def _attacked(project: Project, wave: str, shown: pd.DataFrame, least: int) -> dict[str, int] | None:
    """What an attack on one wave of a release gives; None where the wave's unit tree is gone."""
    from connectedness.disclosure.audit import audit
    from connectedness.disclosure.families import measure_families
    from connectedness.pipeline import mean_ranges

    folder = wave_folder(project, wave)
    units, stored = (read_if_there(folder / f"{name}.parquet") for name in ("units", "estimates"))
    if units is None:
        return None
    result = audit(
        shown if stored is None else with_rows_left_out(shown, stored),
        units,
        minimum=least,
        families=measure_families(project.measures(wave), project.instruments(wave)),
        ranges=mean_ranges(project, wave),
        sides=_sides(project, wave, stored),
    )
    hidden = int((shown["status"] == SUPPRESSED).sum())
    return {"shown": len(shown) - hidden, "hidden": hidden, "recovered": len(result.recovered)}


def with_rows_left_out(shown: pd.DataFrame, stored: pd.DataFrame) -> pd.DataFrame:
    """A release's rows, and those that the stored estimates have and the release has not.

    A group that is all of its school has no row in a release, since even a hidden row would name it. Without it the
    sums over groups would seem not to add up, so it is put back as what its school's total shows: the attacker is
    taken to know that number. Groups of nobody are put back as they are, all others as hidden. Rows about the students
    without a sign of careless answering never leave, and are none of the sums.
    """
    import pandas as pd

    from connectedness.disclosure.verdicts import of_unflagged

    key = list(ESTIMATE_KEY)
    there = pd.MultiIndex.from_frame(stored[key]).isin(pd.MultiIndex.from_frame(shown[key]))
    out = stored[~there & ~of_unflagged(stored)].reset_index(drop=True)
    if out.empty:
        return shown
    back = _as_hidden(out, shown)
    known = pd.MultiIndex.from_frame(out[_UNIT]).isin(_of_one_level(stored))
    total = shown[shown["breakdown"] == ALL].set_index(["unit_type", "unit", "measure"])[list(ESTIMATE_VALUES)]
    of = pd.MultiIndex.from_frame(out[["unit_type", "unit", "measure"]])
    same, nobody = known & of.isin(total.index), known & _nobody(out).to_numpy()
    for name in ESTIMATE_VALUES:
        back.loc[same, name] = total[name].reindex(of[same]).to_numpy()
        back.loc[nobody, name] = out.loc[nobody, name].to_numpy()
    return pd.concat([shown, back.astype(shown.dtypes.to_dict())], ignore_index=True)


def _as_hidden(rows: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    numbers = ["n", "eligible", "value", "se", "low", "high"]
    blank = {name: pd.Series(None, index=rows.index, dtype=shown[name].dtype) for name in numbers}
    return rows.assign(**blank, status=SUPPRESSED, reason=SUPPRESSED)[list(shown.columns)]


def _nobody(rows: pd.DataFrame) -> pd.Series:
    """Rows of groups in which nobody is, or could have answered."""
    return rows["n"].eq(0).fillna(False).astype(bool) & rows["eligible"].fillna(0).eq(0).astype(bool)


def _of_one_level(stored: pd.DataFrame) -> pd.Index:
    """Units and breakdowns of which the unit has students of one level alone."""
    base = stored[(stored["measure"] == "response_rate") & (stored["breakdown"] != ALL)]
    levels = base[~_nobody(base)].groupby(_UNIT)["level"].nunique()
    return levels.index[levels == 1]


def _sides(project: Project, wave: str, now: pd.DataFrame | None) -> pd.DataFrame | None:
    """How many students each bit about careless answers is of, from the stored tables; None where they are gone."""
    from connectedness.disclosure.verdicts import sides

    found = [read_if_there(wave_folder(project, one.id) / "estimates.parquet") for one in project.earlier(wave)]
    there = [one for one in found if one is not None]
    return None if now is None else sides(now, there[-1] if there else None)
