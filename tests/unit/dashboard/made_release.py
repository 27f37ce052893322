"""A release folder made by hand, as the release room lays it out: three waves, one district, six schools.

School 104 is wholly hidden; 103 has hidden groups. The hidden numbers exist in no file of the release.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from connectedness.declare.registry import find_instrument
from connectedness.tables import ESTIMATE_COLUMNS, write_table

WAVES = ("2024-fall", "2025-fall", "2026-fall")
SCHOOLS = {
    "101": ("Aspen Grove School", 142, -0.22),
    "102": ("Birch Lake Elementary", 88, -0.15),
    "103": ("Cedar Ridge Community School", 24, 0.05),
    "104": ("Dry Creek School", 7, 0.0),
    "105": ("Eagle Butte High School", 310, -0.28),
    "Maple-Online": ("Maple Fork Online", 46, 0.02),
}
HIDDEN_SCHOOL = "104"
BREAKDOWNS: dict[str, list[str]] = {
    "grade_band": ["g4_6", "g7_9", "g10_12"],
    "learning_mode": ["in_person", "digital", "blended", "unknown"],
}
HIDDEN_LEVELS = {("103", "grade_band", "g10_12"), ("103", "grade_band", "g7_9"), ("103", "learning_mode", "digital"),
                 ("103", "learning_mode", "blended"), ("101", "learning_mode", "digital"),
                 ("101", "learning_mode", "unknown")}  # fmt: skip
SCALES = {"hr_belonging": ("belonging", 3.72), "hr_supportive_adults": ("supportive_adults", 3.91),
          "hr_respectful_peers": ("respectful_peers", 3.38)}  # fmt: skip
INSTRUMENT = find_instrument("healthy-relationships@1", None)
PRACTICES = [item.id for item in INSTRUMENT.items if item.kind == "practice"]


def make_release(folder: Path, **changes: Any) -> Path:
    """Write the release into `folder`. `changes`: languages, schools, school_titles, roster, waves, hidden_values.

    `hidden_values` plants numbers in hidden rows, which a release never has: pages must not show them even so.
    """
    waves = changes.get("waves", WAVES)
    units = changes.get("schools", list(SCHOOLS))
    for position, wave in enumerate(WAVES):
        if wave in waves:
            before = WAVES[position - 1] if position and WAVES[position - 1] in waves else None
            frame = pd.DataFrame(_rows(wave, position, before, units, changes), columns=list(ESTIMATE_COLUMNS))
            frame = frame.astype({"n": "Int64", "eligible": "Int64"})
            (folder / "estimates").mkdir(parents=True, exist_ok=True)
            write_table(frame, folder / "estimates" / f"{wave}.parquet")
    (folder / "codebook.json").write_text(json.dumps(_codebook(waves, units, changes)), encoding="utf-8")
    manifest = {"survey": "maple_fork", "audience": "internal", "waves": list(waves)}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def _rows(wave: str, position: int, before: str | None, units: list[str], changes: dict[str, Any]) -> list[list[Any]]:
    sizes = {unit: SCHOOLS.get(unit, ("", 60, 0.03))[1:] for unit in units}
    everyone = ("district", "maple_fork", sum(n for n, _ in sizes.values()), -0.04)
    rows: list[list[Any]] = []
    for kind, unit, n, shift in (everyone, *(("school", unit, *sizes[unit]) for unit in units)):
        for breakdown, levels in {"all": ["all"], **BREAKDOWNS}.items():
            for i, level in enumerate(levels):
                part = n if breakdown == "all" else max(6, n // (i + 2))
                moved = shift + (0 if breakdown == "all" else 0.16 - 0.14 * i)
                hidden = (
                    unit == changes.get("hidden_school", HIDDEN_SCHOOL) or (unit, breakdown, level) in HIDDEN_LEVELS
                )
                for measure in _measures(part, moved, position, unit, before is not None, breakdown):
                    rows.append(_row([wave, kind, unit, breakdown, level], measure, part, hidden, changes))
    return rows


def _row(key: list[str], measure: tuple[str, float, float, str], n: int, hidden: bool, changes: dict[str, Any]) -> list:
    name, value, half, method = measure
    if hidden:
        values = changes.get("hidden_values", [None] * 6)
        return [*key, name, *values, method, "suppressed", "suppressed"]
    eligible: int | None = round(n * 1.22)
    if changes.get("roster") is False:
        eligible = None
        if name == "response_rate":
            return [*key, name, n, None, None, None, None, None, method, "no_roster", None]
    if name == "response_rate":
        return [*key, name, n, eligible, n / (eligible or 1), None, None, None, method, "ok", None]
    small = n < 30
    digits = (2 if method in ("wilson", "newcombe") else 1) if small else 12
    low, high = round(value - half, digits), round(value + half, digits)
    return [
        *key,
        name,
        n,
        eligible,
        round(value, digits),
        None if small else half / 1.96,
        low,
        high,
        method,
        "ok",
        None,
    ]


def _measures(
    n: int, shift: float, position: int, unit: str, change: bool, by: str
) -> list[tuple[str, float, float, str]]:
    wide = 1.96 * 0.8 / n**0.5
    rows: list[tuple[str, float, float, str]] = [("response_rate", 0, 0, "ratio")]
    rise = 0.3 * position if unit == "101" else -0.2 * position if unit == "105" else 0.02 * position
    for i, (measure, base) in enumerate(SCALES.values()):
        moved = rise if i == 0 else 0.3 * rise
        rows.append((measure, base + shift + moved, wide, "t"))
        rows.append((f"{measure}_favourable", (base + shift + moved - 1) / 4.4, wide / 4, "t"))
        rows.append((f"sd:{measure}", 0.8, 0.1, "sd"))
        if change:
            rows.append((f"change:{measure}", moved / max(position, 1), wide * 1.4, "welch"))
    shares = {0: 0.09, 1: 0.17, 2: 0.24, 3: 0.50}
    for code, share in shares.items():
        rows.append((f"share:hr_adults:{code}", share + (shift * (-0.1 if code < 3 else 0.3)), 0.6 / n**0.5, "wilson"))
    rows.append(("one_adult", 0.91 + 0.1 * shift, 0.5 / n**0.5 * 0.6, "wilson"))
    rows.append(("two_adults", 0.74 + 0.1 * shift, 0.5 / n**0.5, "wilson"))
    if change:
        rows.append(("change:one_adult", 0.01, 0.8 / n**0.5, "newcombe"))
    if by == "all":
        for i, item in enumerate(PRACTICES):
            rows.append((item, 0.22 + 0.055 * i + 0.2 * shift, min(0.2, 0.8 / n**0.5), "wilson"))
    return rows


def _title(en: str, fr: str | None = None) -> dict[str, str | None]:
    return {"en": en, "fr": fr}


def _text(text: Any) -> dict[str, str | None] | None:
    return None if text is None else {"en": text.en, "fr": text.fr}


def _codebook(waves: tuple[str, ...], units: list[str], changes: dict[str, Any]) -> dict[str, Any]:
    titles = {unit: SCHOOLS.get(unit, (f"School {unit}", 0, 0))[0] for unit in units} | changes.get("school_titles", {})
    return {
        "survey": {
            "id": "maple_fork",
            "title": _title("Maple Fork School Division", "Division scolaire Maple Fork"),
            "synthetic": True,
            "units": ["district", "school"],
            "languages": changes.get("languages", ["en"]),
        },
        "audience": "internal",
        "policy": {"id": "default", "version": 1, "minimum": 6, "small": 30},
        "engine": "0.1.0",
        "waves": [
            {
                "id": wave,
                "title": _title(f"Fall {wave[:4]}", f"Automne {wave[:4]}"),
                "window": [f"{wave[:4]}-10-01", f"{wave[:4]}-10-23"],
                "compared_with": waves[i - 1] if i else None,
                "instruments": ["healthy-relationships@1"],
                "closed": True,
            }
            for i, wave in enumerate(waves)
        ],
        "units": [
            {"unit_type": "district", "unit": "maple_fork", "title": None, "parent_type": None, "parent": None},
            *(
                {"unit_type": "school", "unit": unit, "title": _title(titles[unit]), "parent_type": "district",
                 "parent": "maple_fork"}
                for unit in units
            ),
        ],
        "breakdowns": [
            {"id": "grade_band", "title": _title("Grade band"), "levels": [
                {"id": "g4_6", "title": _title("Grades 4 to 6")}, {"id": "g7_9", "title": _title("Grades 7 to 9")},
                {"id": "g10_12", "title": _title("Grades 10 to 12")}]},
            {"id": "learning_mode", "title": _title("Learning mode"), "levels": [
                {"id": "in_person", "title": _title("In person")}, {"id": "digital", "title": _title("Digital")},
                {"id": "blended", "title": _title("Blended")}]},
        ],
        "measures": _measure_entries(),
        "scales": [
            {"id": scale.id, "instrument": INSTRUMENT.pinned, "title": _text(scale.title),
             "description": _text(scale.description), "items": list(scale.items), "min_answered": scale.min_answered,
             "range": list(INSTRUMENT.scale_range(scale.id))}
            for scale in INSTRUMENT.scales
        ],
        "items": [_item(item) for item in INSTRUMENT.active_items()],
        "instruments": [
            {"pinned": INSTRUMENT.pinned, "title": _text(INSTRUMENT.title), "standing": _text(INSTRUMENT.standing),
             "source": list(INSTRUMENT.source), "licence": {"tier": "A", "terms": INSTRUMENT.licence.terms},
             "sha256": "0" * 64}
        ],
        "variables": [],
        "events": [
            {"school": "101", "date": "2026-01-15", "practice": "advisory", "note": _title("Advisory time began",
             "Début du temps de conseil")},
            {"school": "105", "date": "2025-02-01", "practice": "club", "note": _title("Clubs at noon")},
        ],
    }  # fmt: skip


def _item(item: Any) -> dict[str, Any]:
    scales = [scale.id for scale in INSTRUMENT.scales if item.id in scale.items]
    points = INSTRUMENT.points(item.id) if scales else {}
    return {
        "id": item.id, "instrument": INSTRUMENT.pinned, "kind": item.kind, "text": _text(item.text),
        "short": _text(item.short), "variable": None, "polarity": item.polarity if scales else None,
        "reversed": bool(scales) and INSTRUMENT.is_reversed(item.id),
        "codes": [{"code": o.code, "label": _text(o.label), "points": points.get(o.code)}
                  for o in INSTRUMENT.option_sets[item.options].options],
        "favourable": list(INSTRUMENT.favourable_codes(item.id)), "scales": scales,
    }  # fmt: skip


def _measure_entries() -> list[dict[str, Any]]:
    entries = [_entry("response_rate", "Response rate", "response_rate", "rate", "share", [0, 1])]
    for scale, (measure, _) in SCALES.items():
        title = INSTRUMENT.scale_by_id[scale].title
        entries += [
            _entry(
                measure, f"{title.en}: mean", "mean", "mean", "points", [1, 5], fr=f"{title.fr} : moyenne", scale=scale
            ),
            _entry(
                f"{measure}_favourable",
                f"{title.en}: share of favourable answers",
                "mean_of_shares",
                "share",
                "share",
                [0, 1],
                scale=scale,
            ),
            _entry(
                f"sd:{measure}",
                f"{title.en}: standard deviation",
                "sd",
                "sd",
                "points",
                [0, 4],
                scale=scale,
                of=measure,
            ),
            _entry(
                f"change:{measure}",
                f"{title.en}: change",
                "change",
                "change",
                "points",
                [-4, 4],
                scale=scale,
                of=measure,
            ),
        ]
    for code, (measure, title) in enumerate(
        (("one_adult", "At least one adult to go to"), ("two_adults", "At least two adults to go to")), start=1
    ):
        entries.append(_entry(measure, title, "share_at_least", "share", "share", [0, 1], item="hr_adults", code=code))
    entries.append(
        _entry(
            "change:one_adult", "change", "change", "change", "share", [-1, 1], item="hr_adults", code=1, of="one_adult"
        )
    )
    entries += [
        _entry(item, INSTRUMENT.item_by_id[item].short.en, "share_favourable", "share", "share", [0, 1], item=item)
        for item in PRACTICES
    ]
    entries += [
        _entry(
            f"share:hr_adults:{code}", f"Adults: {code}", "share", "share", "share", [0, 1], item="hr_adults", code=code
        )
        for code in range(4)
    ]
    return entries  # fmt: skip


def _entry(
    name: str, title: str, statistic: str, kind: str, unit: str, span: list[int], fr: str | None = None, **of: Any
) -> dict[str, Any]:
    return {"id": name, "title": _title(title, fr), "statistic": statistic, "kind": kind, "unit": unit, "range": span,
            **{key: of.get(key) for key in ("scale", "item", "code", "of")}}  # fmt: skip
