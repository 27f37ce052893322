"""What gives a score a meaning outside its own file: norms, raw-sum-to-scale tables and cuts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from connectedness.declare.source import Frozen, Text

NormId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,47}$")]


class Norm(Frozen):
    """Mean and standard deviation of a score in a population: z = (score - mean) / sd, T = 50 + 10 z."""

    id: NormId
    version: str
    population: str
    mean: float
    sd: Annotated[float, Field(gt=0)]
    source: str
    of: Literal["mean", "sum"] = "mean"


class ScoreTable(Frozen):
    """A table from the raw sum of all items to a scale.

    `counts_from` is the number that the table gives the lowest answer, where it is not the instrument's own (the
    table of a scale scored 0 to 3 whose codes are 1 to 4 counts from 0). `prorate` says how the source rounds the
    prorated sum of a student who skipped an item, `nearest` or `up`; where it is null, only complete answers count.
    """

    id: NormId
    version: str
    population: str
    source: str
    scale: dict[int, float]
    counts_from: int | None = None
    prorate: Literal["nearest", "up"] | None = None


class Cut(Frozen):
    """A published limit on a score: the level of those at or above `at_least`, or at or below `at_most`.

    `of` is the kind of score; `published` is the publisher's own index, on its own metric.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    title: Text
    of: Literal["mean", "sum", "pomp", "t", "z", "table", "wle", "eap", "published"]
    at_least: float | None = None
    at_most: float | None = None
    source: str

    @model_validator(mode="after")
    def _holds(self) -> Cut:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a cut says at_least, at_most, or both.")
        return self
