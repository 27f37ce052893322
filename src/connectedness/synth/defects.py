"""Defects planted in an export, one a row at most, so that exactly these must be found, and no others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connectedness.synth.answers import SKIPPED, ItemModel
from connectedness.synth.sheet import Sheet, stop_early

# Name, share of a file's rows. The names of rows that are set aside or left out are the rules that must name them.
_RATES = (
    ("bad_code", 0.003),
    ("bad_text", 0.002),
    ("duplicate", 0.003),
    ("begun_again", 0.002),
    ("incomplete", 0.003),
    ("preview", 0.002),
    ("blank", 0.002),
    ("other_wave", 0.0015),
    ("unknown_school", 0.0015),
    ("no_id", 0.001),
    ("not_on_roster", 0.0015),
    ("too_many_bad_items", 0.001),
)
# "begun_again" is a student who also left another submission incomplete; what is found is the incomplete row.
DEFECTS = ("", *(name for name, _ in _RATES if name != "begun_again"))
QUARANTINED = ("duplicate", "unknown_school", "no_id", "not_on_roster", "too_many_bad_items")
EXCLUDED = ("preview", "blank", "other_wave", "incomplete")
BAD_CODES = ("6", "9", "55")
"""Codes that no item which may be overwritten declares."""
BAD_TEXTS = ("kind of", "not sure", "?")
OVERWRITES = ("", *BAD_CODES, *BAD_TEXTS)
_AT_MOST = 0.04  # of a file's rows, all defects together
_MOST_BAD_ITEMS = 3  # a row with more is set aside (the survey's `max_bad_items`)


@dataclass(frozen=True)
class Planted:
    """A sheet with its defects; `kept` gives each further submission the row of its student that counts, others -1."""

    sheet: Sheet
    kept: np.ndarray


def how_many(rows: int, first: int, leave_out: tuple[str, ...] = ()) -> dict[str, int]:
    """How many of each defect a file gets: its share, at least one each, until four rows in a hundred are reached.

    `first` turns the order, so that small files do not all hold the same few defects.
    """
    turned = [*_RATES[first % len(_RATES) :], *_RATES[: first % len(_RATES)]]
    left = int(_AT_MOST * rows)
    counts = {}
    for name, share in turned:
        counts[name] = 0 if name in leave_out else min(max(1, round(share * rows)), left)
        left -= counts[name]
    return counts


def plant(
    rng: np.random.Generator, sheet: Sheet, eligible: np.ndarray, models: list[ItemModel], counts: dict[str, int]
) -> Planted:
    """Plant defects in eligible rows, add further submissions, and put rows in the order of their submission."""
    free = rng.permutation(np.flatnonzero(eligible))
    chosen: dict[str, np.ndarray] = {}
    for name, count in counts.items():
        chosen[name], free = free[:count], free[count:]
    sheet = _mark(sheet, chosen)
    sheet.codes[chosen["blank"]] = SKIPPED
    stop_early(rng, sheet.codes, chosen["incomplete"])
    sheet.complete[chosen["incomplete"]] = False
    codes, texts = np.arange(1, len(BAD_CODES) + 1), np.arange(len(BAD_CODES) + 1, len(OVERWRITES))
    targets = np.array([i for i, model in enumerate(models) if model.item.kind == "scale"])
    _overwrite(rng, sheet, chosen["bad_code"], targets, codes, (1, _MOST_BAD_ITEMS))
    _overwrite(rng, sheet, chosen["bad_text"], targets, texts, (1, _MOST_BAD_ITEMS))
    both = np.concatenate([codes, texts])
    _overwrite(rng, sheet, chosen["too_many_bad_items"], targets, both, (_MOST_BAD_ITEMS + 1, _MOST_BAD_ITEMS + 4))
    twice = np.concatenate([chosen["duplicate"], chosen["begun_again"]])
    whole = sheet.followed_by(_again(rng, sheet, twice, len(chosen["duplicate"])))
    order = np.argsort(whole.submitted, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    kept = np.full(len(order), -1)
    kept[place[len(sheet) :]] = place[twice]
    return Planted(whole.rows(order), kept)


def _mark(sheet: Sheet, chosen: dict[str, np.ndarray]) -> Sheet:
    defect = sheet.defect.copy()
    for name, rows in chosen.items():
        if name not in ("duplicate", "begun_again"):  # there the row that counts is a good one; the one added is not
            defect[rows] = DEFECTS.index(name)
    changed = {name: getattr(sheet, name).copy() for name in ("codes", "overwrite", "complete")}
    return sheet.with_arrays(defect=defect, **changed)


def _overwrite(
    rng: np.random.Generator,
    sheet: Sheet,
    rows: np.ndarray,
    targets: np.ndarray,
    with_one_of: np.ndarray,
    between: tuple[int, int],
) -> None:
    """Overwrite from `between[0]` to `between[1]` cells of each row."""
    how_many_cells = rng.integers(between[0], between[1] + 1, len(rows))
    order = np.argsort(rng.random((len(rows), len(targets))), axis=1)
    hit = order < how_many_cells[:, None]
    row, column = np.nonzero(hit)
    sheet.overwrite[rows[row], targets[column]] = rng.choice(with_one_of, len(row))


def _again(rng: np.random.Generator, sheet: Sheet, rows: np.ndarray, duplicates: int) -> Sheet:
    """Further submissions of the same students: whole and earlier ones first, then incomplete ones, every other later.

    They hold answers of somebody else, so that keeping the wrong row shows.
    """
    place = np.arange(len(rows))
    incomplete = place >= duplicates
    later = incomplete & (place % 2 == 0)
    codes = sheet.codes[rng.integers(0, len(sheet), len(rows))]
    third = codes.shape[1] // 3
    codes[:, :third] = np.where(codes[:, :third] == SKIPPED, 1, codes[:, :third])
    codes[incomplete, third:] = SKIPPED
    seconds, gap = rng.integers(60, 600, len(rows)), rng.integers(300, 3600, len(rows))
    original = sheet.rows(rows)
    shift = np.where(later, original.seconds + gap, -(seconds + gap))
    defect = np.where(incomplete, DEFECTS.index("incomplete"), DEFECTS.index("duplicate"))
    return original.with_arrays(
        codes=codes,
        overwrite=np.zeros(codes.shape, dtype=np.int8),
        complete=~incomplete,
        started=original.started + shift.astype("timedelta64[s]"),
        seconds=seconds,
        defect=defect.astype(np.int8),
    )
