"""Small districts for the disclosure tests, made student by student so that every sum is true."""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectedness.tables import ESTIMATE_COLUMNS

CELL = ["unit_type", "unit", "breakdown", "level"]
SHARES = ("favourable", "adult")
FAMILIES = {"belonging": "belonging", "favourable": "belonging", "item": "belonging", "adult": "adult"}
BREAKDOWNS = {
    "band": ("k_3", "g4_6", "g7_9", "g10_12"),
    "mode": ("in_person", "digital"),
    "group": ("a", "b", "unknown"),
}


def students(groups: dict[tuple[str, ...], int], rng, response: float = 1.0, columns=("school", *BREAKDOWNS)):
    """One row per eligible student; `groups` gives how many there are of each combination."""
    rows = [combination for combination, count in groups.items() for _ in range(count)]
    frame = pd.DataFrame(rows, columns=list(columns))
    n = len(frame)
    frame["answered"] = rng.random(n) < response
    frame["belonging"] = rng.normal(3.4, 0.8, n).clip(1, 5)
    frame["favourable"] = rng.integers(0, 7, n) / 6
    frame["adult"] = rng.integers(0, 2, n).astype(float)
    frame["item"] = rng.integers(1, 6, n).astype(float)
    for name in ("belonging", "adult", "item"):
        frame.loc[rng.random(n) < 0.04, name] = np.nan
    frame["favourable"] = frame["favourable"].where(frame["belonging"].notna())
    return frame


def random_students(rng, schools: int = 12, response: float = 0.8, largest: int = 400):
    """Schools of 0 to `largest` students, some without whole levels, some with a single one."""
    parts = []
    for number in range(schools):
        size = int(rng.choice([rng.integers(0, 12), rng.integers(5, 60), rng.integers(30, largest + 1)]))
        drawn = {"school": np.full(size, f"s{number:03d}", dtype=object)}
        for name, levels in BREAKDOWNS.items():
            there = rng.random(len(levels)) < 0.65
            there[rng.integers(len(levels))] = True
            weight = there * rng.gamma(0.8, size=len(levels)) + 1e-9 * there
            drawn[name] = rng.choice(np.array(levels, dtype=object), size=size, p=weight / weight.sum())
        parts.append(pd.DataFrame(drawn))
    frame = pd.concat(parts, ignore_index=True)
    made = students({}, rng).drop(columns=["school", *BREAKDOWNS])
    if len(frame):
        made = students({("s", "k_3", "in_person", "a"): len(frame)}, rng, response)[made.columns]
    return pd.concat([frame, made], axis=1)


def estimates(frame: pd.DataFrame, wave: str = "w1", units=("district", "school"), spelled=True, roster=True):
    """The estimates table of some students; `frame` lacks the widest unit's column, which is `d`."""
    frame = frame.assign(district="d", all="all")
    breakdowns = ["all", *(name for name in BREAKDOWNS if name in frame)]
    parts = []
    for unit in units:
        for breakdown in breakdowns:
            by = [unit] if breakdown == "all" else [unit, breakdown]
            level = "all" if breakdown == "all" else breakdown
            wide = spelled and (breakdown == "all" or unit == units[0])
            parts.extend(
                part.assign(unit_type=unit, unit=part[unit], breakdown=breakdown, level=part[level])
                for part in _measures(frame.assign(all="all"), list(dict.fromkeys([*by, level])), wide, roster)
            )
    table = pd.concat(parts, ignore_index=True).assign(wave=wave, reason=None)
    table["status"] = np.where(table["n"] == 0, "no_answers", np.where(table["value"].isna(), "one_answer", "ok"))
    types = {"n": "Int64", "eligible": "Int64"} | dict.fromkeys(["value", "se", "low", "high"], "float64")
    return table[list(ESTIMATE_COLUMNS)].astype({name: types.get(name, "str") for name in ESTIMATE_COLUMNS})


def _measures(frame: pd.DataFrame, by: list[str], wide: bool, roster: bool):
    counts = frame.groupby(by)["answered"].agg(["sum", "size"]).reset_index()
    eligible = counts["size"] if roster else pd.array([pd.NA] * len(counts), dtype="Int64")
    cells = counts[by].assign(eligible=eligible)
    rate = counts["sum"] / counts["size"]
    yield cells.assign(measure="response_rate", method="ratio", n=counts["sum"], value=rate, se=np.nan, low=np.nan)
    answers = frame[frame["answered"]]
    for name in ("belonging", "favourable", "adult"):
        known = _moments(answers, by, name, cells)
        yield cells.assign(measure=name, method="wilson" if name == "adult" else "t", **_interval(known, name))
        if name == "belonging":
            sd = known["std"].to_numpy()
            yield cells.assign(measure="sd:belonging", method="sd", n=known["count"].to_numpy(), value=sd)
    if wide:
        for code in range(1, 6):
            chosen = answers.assign(item=(answers["item"] == code).where(answers["item"].notna()).astype(float))
            known = _moments(chosen, by, "item", cells)
            yield cells.assign(measure=f"share:item:{code}", method="wilson", **_interval(known, "item"))


def _moments(answers, by, name, cells):
    known = answers.groupby(by)[name].agg(["count", "mean", "std"])
    known = known.reindex(pd.MultiIndex.from_frame(cells[by]) if len(by) > 1 else pd.Index(cells[by[0]]))
    return known.assign(count=known["count"].fillna(0))


def _interval(known, name):
    n, mean = known["count"].to_numpy(), known["mean"].to_numpy()
    with np.errstate(all="ignore"):
        spread = np.sqrt(mean * (1 - mean)) if name in ("adult", "item") else known["std"].to_numpy()
        se = spread / np.sqrt(n)
    return {"n": n, "value": mean, "se": se, "low": mean - 1.96 * se, "high": mean + 1.96 * se}


def tree(frame: pd.DataFrame, units=("district", "school")) -> pd.DataFrame:
    """The unit tree of some students."""
    frame = frame.assign(district="d")
    parts = [
        frame[[narrow, wide]]
        .drop_duplicates()
        .set_axis(["unit", "parent"], axis=1)
        .assign(unit_type=narrow, parent_type=wide)
        for wide, narrow in zip(units, units[1:], strict=False)
    ]
    return pd.concat(parts, ignore_index=True)[["unit_type", "unit", "parent_type", "parent"]]


def of_somebody(released: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """The released rows that the estimates have too, in the order of their keys; the others must all be hidden."""
    keys = pd.MultiIndex.from_frame(truth[[*CELL, "measure"]])
    there = pd.MultiIndex.from_frame(released[[*CELL, "measure"]]).isin(keys)
    assert (released.loc[~there, "status"] == "suppressed").all() and there.sum() == len(truth)
    return released[there].reset_index(drop=True)


def changes(now: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """`now` with its change rows from `before`."""
    mine = now[now["measure"].isin(["belonging", "favourable", "adult"])]
    pairs = mine.merge(before, on=[*CELL, "measure"], suffixes=("", "_before"))
    value = pairs["value"] - pairs["value_before"]
    se = np.hypot(pairs["se"], pairs["se_before"])
    rows = pairs[list(ESTIMATE_COLUMNS)].assign(
        value=value,
        se=se,
        low=value - 2 * se,
        high=value + 2 * se,
        method=np.where(pairs["method"] == "wilson", "newcombe", "welch"),
        status=np.where(value.isna(), "no_answers", "ok"),
        measure="change:" + pairs["measure"],
    )
    return pd.concat([now, rows.astype(now.dtypes.to_dict())], ignore_index=True)
