"""From latent traits to the codes of an instrument, through the points that the instrument derives."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from connectedness.declare.instrument import MISSING_CODES, Instrument, Item
from connectedness.synth.plan import TRAITS

SKIPPED = MISSING_CODES["skipped"]
_TRAIT_OF_SCALE = {"hr_belonging": "belonging", "hr_supportive_adults": "adults", "hr_respectful_peers": "peers"}
_OF_PEERS = ("hr_prac_club", "hr_prac_kindness", "hr_prac_skills", "hr_prac_norms", "hr_prac_recess")
# How many students choose each answer, from the fewest points to the most, where an item is of middling difficulty.
_SHARES = {2: (0.45, 0.55), 4: (0.12, 0.2, 0.28, 0.4), 5: (0.06, 0.11, 0.21, 0.37, 0.25)}
_ATTENTIVE = 0.96
_SKIP = 0.025


@dataclass(frozen=True)
class ItemModel:
    """A graded probit item: `trait` and its `loading`, cuts on a standard normal scale, and codes by points."""

    item: Item
    trait: int
    loading: float
    wording: float
    school: float
    cuts: np.ndarray
    codes: np.ndarray


def item_models(instrument: Instrument) -> list[ItemModel]:
    """Models of the items that every student is asked, in the instrument's order."""
    scale_of = {item: scale.id for scale in instrument.scales for item in scale.items}
    active = instrument.active_items()
    return [_model(instrument, item, scale_of.get(item.id), rank) for rank, item in enumerate(active)]


def _model(instrument: Instrument, item: Item, scale: str | None, rank: int) -> ItemModel:
    points = instrument.points(item.id)
    trait = _TRAIT_OF_SCALE.get(scale or "", "peers" if item.id in _OF_PEERS else "adults")
    shares = _SHARES.get(len(points), (1 / len(points),) * len(points))
    difficulty = 0.3 * np.sin(1.7 * rank)  # items differ, the same way in every district
    cuts = [NormalDist().inv_cdf(min(float(one), 1 - 1e-9)) for one in np.cumsum(shares)[:-1]]
    return ItemModel(
        item=item,
        trait=TRAITS.index(trait),
        loading=0.45 if item.kind == "practice" else 0.66 + 0.03 * (rank % 5),
        wording=0.25 if item.polarity == "negative" else 0.0,
        school=0.35 if item.kind == "practice" else 0.0,
        cuts=np.array(cuts) + difficulty,
        codes=np.array(sorted(points, key=lambda code: points[code]), dtype=np.int16),
    )


def draw_answers(
    rng: np.random.Generator, models: list[ItemModel], traits: np.ndarray, practices: np.ndarray
) -> np.ndarray:
    """Codes of every student and item.

    Parameters
    ----------
    rng : numpy.random.Generator
    models : list of ItemModel
    traits : ndarray, students x traits
        Of variance one over the district.
    practices : ndarray, students x items
        The school's effect on a practice, in standard deviations; used for practice items only.

    Returns
    -------
    ndarray of int16, students x items
        Codes as the instrument declares them; skipped answers are -1.
    """
    count = len(traits)
    codes = np.empty((count, len(models)), dtype=np.int16)
    dislikes_negative_words = rng.standard_normal(count)
    for column, model in enumerate(models):
        if model.item.kind == "attention":
            codes[:, column] = _attention(rng, model, count)
            continue
        rest = 1 - model.loading**2 - model.wording**2 - model.school**2
        latent = (
            model.loading * traits[:, model.trait]
            + model.wording * dislikes_negative_words
            + model.school * practices[:, column]
            + np.sqrt(rest) * rng.standard_normal(count)
        )
        codes[:, column] = model.codes[np.searchsorted(model.cuts, latent)]
    codes[rng.random(codes.shape) < _SKIP] = SKIPPED
    return codes


def _attention(rng: np.random.Generator, model: ItemModel, count: int) -> np.ndarray:
    anything = rng.choice(model.codes, size=count)
    return np.where(rng.random(count) < _ATTENTIVE, np.int16(model.item.correct or 0), anything).astype(np.int16)
