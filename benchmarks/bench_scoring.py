"""Scoring a million students on 18 items, beside the few lines of pandas that an analyst would write."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from figures import Figure, table

from connectedness.declare.instrument import Instrument
from connectedness.scoring.classical import score

STUDENTS, SCALES, ITEMS, MIN_ANSWERED, ROUNDS = 1_000_000, 3, 6, 4, 3
REVERSED = (4, 5)  # the places, within each scale, of its negative items


def instrument() -> Instrument:
    """Three scales of six five-point items, two of each worded against the scale."""
    text = {"en": "For the benchmark only"}
    options = {"expresses": "agreement", "options": [{"code": code} for code in range(1, 6)], "favourable": [4, 5]}
    ids = [[f"s{scale}_i{item}" for item in range(ITEMS)] for scale in range(SCALES)]
    items = [
        {"id": one, "options": "agreement", "polarity": "negative" if place in REVERSED else "positive"}
        for scale in ids
        for place, one in enumerate(scale)
    ]
    scales = [
        {"id": f"s{number}", "title": text, "description": text, "items": scale, "min_answered": MIN_ANSWERED}
        for number, scale in enumerate(ids)
    ]
    return Instrument.model_validate(
        {
            "id": "benchmark",
            "version": 1,
            "title": text,
            "standing": text,
            "source": ["made for the benchmark"],
            "licence": {"tier": "A", "terms": "none"},
            "option_sets": {"agreement": options},
            "items": items,
            "scales": scales,
        }
    )


def answers(known: Instrument) -> pd.DataFrame:
    """Random answers, one in forty skipped, as they stand in the responses table."""
    rng = np.random.default_rng(1)
    codes = rng.integers(1, 6, (STUDENTS, SCALES * ITEMS), dtype=np.int16)
    codes[rng.random(codes.shape) < 0.025] = -1
    return pd.DataFrame(codes, columns=[item.id for item in known.items])


def plain_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    """Blank the missing, turn the negative items round, and take means where enough is answered."""
    points = frame.where(frame > 0)
    out = {}
    for number in range(SCALES):
        scale = points[[f"s{number}_i{item}" for item in range(ITEMS)]].copy()
        for place in REVERSED:
            scale.iloc[:, place] = 6 - scale.iloc[:, place]
        out[f"s{number}"] = scale.mean(axis=1).where(scale.notna().sum(axis=1) >= MIN_ANSWERED)
    return pd.DataFrame(out)


def measure() -> list[Figure]:
    """Best of three of each, in turn, on the same table; both must give the same scores."""
    known = instrument()
    frame = answers(known)
    scores, peer = score(frame, known), plain_pandas(frame)
    np.testing.assert_allclose(scores[list(peer)], peer)
    ours, theirs = _best_in_turn(lambda: score(frame, known), lambda: plain_pandas(frame))
    return [
        Figure("scoring 1,000,000 x 18, ours", ours, "s"),
        Figure("scoring 1,000,000 x 18, plain pandas", theirs, "s"),
        Figure("scoring, ours / plain pandas", ours / theirs, "ratio"),
    ]


def _best_in_turn(*calls: Callable[[], object]) -> list[float]:
    best = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for place, call in enumerate(calls):
            at = time.perf_counter()
            call()
            best[place] = min(best[place], time.perf_counter() - at)
    return best


if __name__ == "__main__":
    print(table(measure()))
