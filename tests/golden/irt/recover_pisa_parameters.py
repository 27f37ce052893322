"""Prints the numbers of the two PISA 2018 parameter files, from the published index of Italy, Mexico and France.

    python tests/golden/irt/recover_pisa_parameters.py FOLDER_OF_REAL_DATA

The published index is a function of country and answers. At a published value Warm's equation is nought, so the
parameters are those that bring it nearest to nought over all distinct answer patterns (nonlinear least squares, in
units of theta). Patterns with a missing answer are what tells items apart: complete ones only tell their sum. From
random starts the international set always comes out the same. France differs in one item, ST034Q03, and shares the
others, as PISA's way of linking countries has it; so both sets are fitted together.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from connectedness.answers import find_columns
from connectedness.declare.registry import find_instrument
from connectedness.itemresponse import Model, categories_of, curves

ITEMS, STEPS, OWN = 6, 3, 2  # OWN: the item that France has parameters of its own for
PRINTED_TO = 5e-5


def distinct(table: pd.DataFrame, countries: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Distinct answer patterns, and the published index of each."""
    rows = table[table["CNT"].isin(countries)]
    instrument = find_instrument("pisa-belonging")
    items = instrument.scale_by_id["pisa_belong"].items
    categories = categories_of(rows, find_columns(rows, instrument), instrument, items)
    enough = (categories >= 0).sum(axis=1) >= 3
    patterns, first = np.unique(categories[enough], axis=0, return_index=True)
    return patterns, rows["BELONG"].to_numpy()[enough][first]


def model(numbers: np.ndarray) -> Model:
    """Six logarithms of slopes, then three thresholds of each item."""
    return Model("gpcm", np.exp(numbers[:ITEMS]), numbers[ITEMS:].reshape(ITEMS, STEPS))


def away(numbers: np.ndarray, patterns: np.ndarray, published: np.ndarray) -> np.ndarray:
    """About how far each estimate lies from the published one: Warm's equation there, over the information."""
    table, has = curves(model(numbers), published), (patterns >= 0).T
    chosen = np.maximum(patterns.T, 0)
    score = np.take_along_axis(table.score, chosen[:, None, :], axis=1)[:, 0]
    information, bias = (table.information * has).sum(axis=0), (table.bias * has).sum(axis=0)
    return ((score * has).sum(axis=0) + bias / (2 * information)) / information


def both(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """International and French numbers, of which only one item's differ."""
    international = numbers[: ITEMS * (STEPS + 1)]
    french = international.copy()
    french[OWN] = numbers[-STEPS - 1]
    french[ITEMS + STEPS * OWN : ITEMS + STEPS * (OWN + 1)] = numbers[-STEPS:]
    return international, french


def main(folder: Path) -> None:
    """Fit, and print."""
    table = pd.read_csv(folder / "pisa2018_fra_ita_mex" / "pisa2018_fra_ita_mex.csv")
    international, french = distinct(table, ["ITA", "MEX"]), distinct(table, ["FRA"])

    def misses(numbers: np.ndarray) -> np.ndarray:
        here, there = both(numbers)
        return np.concatenate([away(here, *international), away(there, *french)]) / PRINTED_TO

    start = np.concatenate([np.zeros(ITEMS), np.tile([-1.5, -0.5, 0.7], ITEMS), [0.0], [-1.5, -0.5, 0.7]])
    for name, numbers in zip(("international", "fra"), both(least_squares(misses, start).x), strict=True):
        print(name)
        for item, (slope, steps) in enumerate(zip(model(numbers).slopes, model(numbers).thresholds, strict=True), 1):
            shown = ", ".join(f"{step:.5f}" for step in steps)
            print(f"  pisa_st034q{item:02d}: {{slope: {slope:.5f}, steps: [{shown}]}}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
