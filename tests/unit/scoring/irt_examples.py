"""Made-up instruments, models and answers for tests of item response theory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from connectedness.declare.instrument import Instrument
from connectedness.declare.parameters import Parameters
from connectedness.itemresponse import Model


def instrument(items: Sequence[str], steps: int, *, min_answered: int = 1, negative: Sequence[str] = ()) -> Instrument:
    """One scale `s` of items with codes 0 .. steps."""
    text = {"en": "Made up"}
    return Instrument.model_validate(
        {
            "id": "made-up",
            "version": 1,
            "title": text,
            "standing": text,
            "source": ["made up"],
            "licence": {"tier": "A", "terms": "none"},
            "option_sets": {"often": {"expresses": "frequency", "options": [{"code": k} for k in range(steps + 1)]}},
            "items": [
                {"id": one, "options": "often", "polarity": "negative" if one in negative else "positive"}
                for one in items
            ],
            "scales": [
                {"id": "s", "title": text, "description": text, "items": list(items), "min_answered": min_answered}
            ],
            "missing": {7: "not_asked", 8: "dont_know", 9: "skipped"},
        }
    )


def parameters(model: Model, items: Sequence[str], **more: object) -> Parameters:
    """Declared parameters of a model."""
    declared = {
        "id": "made-up-parameters",
        "version": 1,
        "model": model.kind,
        "instrument": "made-up@1",
        "scale": "s",
        "form": "test",
        "steps_are": "thresholds",
        "source": ["made up"],
        "items": {
            name: {"slope": slope, "steps": [float(b) for b in steps if np.isfinite(b)]}
            for name, slope, steps in zip(items, model.slopes, model.thresholds, strict=True)
        },
    }
    return Parameters.model_validate(declared | more)


def draw(model: Model, theta: np.ndarray, rng: np.random.Generator, missing: float = 0.0) -> np.ndarray:
    """Answers of persons of these thetas."""
    chances = np.exp(model.chances(theta)) * model.is_category()[:, :, None]
    up = np.cumsum(chances, axis=1)[:, :-1]
    categories = (rng.random((model.n_items, 1, len(theta))) > up).sum(axis=1).T.astype(np.int8)
    categories[rng.random(categories.shape) < missing] = -1
    return categories
