"""Parameters of item response theory for one scale of one form of an instrument, as declared in one YAML file."""

from __future__ import annotations

import math
from functools import cache, cached_property
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from connectedness.declare.instrument import Instrument, InstrumentId, SnakeId
from connectedness.declare.source import Frozen, read_source
from connectedness.errors import DeclarationError
from connectedness.packaged import instruments_folder

ModelName = Literal["pcm", "gpcm", "grm"]
StepsAre = Literal["thresholds", "intercepts", "delta_tau"]
# A slope or step beyond this is a slip of the pen on every metric that theta is reported on; log odds beyond the
# second, of a category against the ends of its item, cannot be computed with.
_LARGEST, _LARGEST_ODDS = 100.0, 300.0


class ItemParameters(Frozen):
    """Slope and steps of one item; `steps` has one number for each step from a category to the next.

    `delta` is there only where steps are `delta_tau`. Standard errors are there only where they were estimated.
    """

    slope: Annotated[float, Field(gt=0, le=_LARGEST)] = 1.0
    delta: float | None = None
    steps: Annotated[tuple[float, ...], Field(min_length=1)]
    slope_se: Annotated[float, Field(ge=0)] | None = None
    steps_se: tuple[Annotated[float, Field(ge=0)], ...] | None = None

    @model_validator(mode="after")
    def _holds(self) -> ItemParameters:
        numbers = (*self.steps, 0.0 if self.delta is None else self.delta)
        if not all(math.isfinite(one) and abs(one) <= _LARGEST for one in numbers):
            raise ValueError(f"every step is a number from -{_LARGEST:g} to {_LARGEST:g}.")
        if self.steps_se is not None and len(self.steps_se) != len(self.steps):
            raise ValueError("there is one standard error for each step.")
        return self


class Metric(Frozen):
    """How theta is reported: slope * theta + intercept."""

    slope: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    intercept: Annotated[float, Field(allow_inf_nan=False)] = 0.0


class Population(Frozen):
    """Normal distribution of theta that the parameters were estimated with; EAP takes it as its prior."""

    mean: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    sd: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0


class Parameters(Frozen):
    """Parameters of a scale's items, for the scored direction: category 0 earns the fewest points.

    How `steps` s_1..s_m of an item with slope a are read is told by `steps_are`:

    - `thresholds`, partial credit models: P(k) is proportional to exp(sum over j <= k of a (theta - s_j));
    - `thresholds`, graded response: P(X >= k) = 1 / (1 + exp(-a (theta - s_k))), so s_1 < s_2 < ...;
    - `intercepts`, partial credit models: P(k) is proportional to exp(a k theta + s_k), with s_0 = 0;
    - `delta_tau`, partial credit models: thresholds delta + s_k.

    `scoring_equivalent` parameters give the publisher's scores but are not the publisher's parameters: no standard
    error and no picture of an item may be drawn from them.
    """

    id: InstrumentId
    version: Annotated[int, Field(ge=1)]
    model: ModelName
    instrument: str
    scale: SnakeId
    form: str
    steps_are: StepsAre
    scoring_equivalent: bool = False
    metric: Metric = Metric()
    population: Population = Population()
    min_answered: Annotated[int, Field(ge=1)] | None = None
    source: Annotated[tuple[str, ...], Field(min_length=1)]
    items: Annotated[dict[SnakeId, ItemParameters], Field(min_length=1)]

    @property
    def pinned(self) -> str:
        """Name and version, as a score table cites them."""
        return f"{self.id}@{self.version}"

    @field_validator("instrument")
    @classmethod
    def _is_pinned(cls, value: str) -> str:
        name, at, version = value.partition("@")
        if not name or not at or not version.isdecimal():
            raise ValueError("this is an instrument pinned to a version, such as pisa-belonging@1.")
        return value

    @model_validator(mode="after")
    def _holds(self) -> Parameters:
        if self.model == "grm" and self.steps_are != "thresholds":
            raise ValueError("the steps of a graded response model are thresholds.")
        for name, item in self.items.items():
            if (item.delta is None) == (self.steps_are == "delta_tau"):
                raise ValueError(f"item {name}: delta stands where steps are delta_tau, and nowhere else.")
            if self.model == "pcm" and item.slope != 1:
                raise ValueError(f"item {name} has a slope, which a partial credit model (pcm) does not; it is a gpcm.")
            if self.model == "grm" and any(a >= b for a, b in zip(item.steps, item.steps[1:], strict=False)):
                raise ValueError(f"item {name}: thresholds of a graded response model rise from one to the next.")
        for name, item in self.items.items():
            if _farthest_odds(item.slope, _thresholds(item, self.steps_are)) > _LARGEST_ODDS:
                raise ValueError(f"item {name}: its steps lie too far apart for its slope.")
        if self.min_answered is not None and self.min_answered > len(self.items):
            raise ValueError("min_answered asks for more answers than there are items.")
        return self

    @cached_property
    def thresholds(self) -> dict[str, tuple[float, ...]]:
        """Thresholds of each item, whatever way its steps are written."""
        return {name: _thresholds(item, self.steps_are) for name, item in self.items.items()}

    def must_fit(self, instrument: Instrument) -> None:
        """Hold the parameters against their instrument.

        Raises
        ------
        DeclarationError
            When instrument, scale, items or numbers of steps differ.
        """
        if instrument.pinned != self.instrument:
            raise self._misfit("these parameters are for another instrument.", instrument.pinned, self.instrument)
        if self.scale not in instrument.scale_by_id:
            raise self._misfit("the instrument has no such scale.", self.scale, ", ".join(instrument.scale_by_id))
        wanted = instrument.scale_by_id[self.scale].items
        if set(wanted) != set(self.items):
            raise self._misfit("the parameters are not those of the scale's items.", self.items, ", ".join(wanted))
        for name, item in self.items.items():
            steps = len(instrument.codes(name)) - 1
            if len(item.steps) != steps:
                raise self._misfit(f"item {name} has another number of steps.", len(item.steps), steps)

    def _misfit(self, problem: str, found: object, allowed: object) -> DeclarationError:
        shown = ", ".join(found) if isinstance(found, dict) else found
        return DeclarationError(problem, key=f"parameters {self.pinned}", found=shown, allowed=allowed)


def _thresholds(item: ItemParameters, steps_are: StepsAre) -> tuple[float, ...]:
    if steps_are == "thresholds":
        return item.steps
    if steps_are == "delta_tau":
        return tuple((item.delta or 0.0) + tau for tau in item.steps)
    before = (0.0, *item.steps[:-1])
    return tuple((low - high) / item.slope for low, high in zip(before, item.steps, strict=True))


def _farthest_odds(slope: float, thresholds: tuple[float, ...]) -> float:
    """Largest log odds of a category against the lowest, at a theta in the middle of the thresholds."""
    middle = sum(thresholds) / len(thresholds)
    return max(abs(slope * one) for one in accumulate(middle - threshold for threshold in thresholds))


@cache
def read_parameters(file: Path, shown: str | None = None) -> Parameters:
    """Read one parameter file.

    Raises
    ------
    DeclarationError
        With file, line and key path, when it does not hold.
    """
    return read_source(file, shown).parse(Parameters)


def parameter_files(project: Path | None = None) -> dict[str, Path]:
    """Parameter files by name without ending; the project's own, in `instruments/parameters`, win."""
    folders = [instruments_folder(), *([] if project is None else [project / "instruments"])]
    return {file.stem: file for folder in folders for file in sorted((folder / "parameters").glob("*.yaml"))}


def find_parameters(name: str, project: Path | None = None) -> Parameters:
    """Parameters in the file called `name`, with or without its ending.

    Raises
    ------
    DeclarationError
        When there is no such file, or it does not hold.
    """
    files = parameter_files(project)
    wanted = name.removesuffix(".yaml")
    if wanted not in files:
        raise DeclarationError(
            "there is no parameter file of this name.",
            found=name,
            allowed=", ".join(sorted(files)),
            todo="Use one of these, or put your own YAML file into the project's instruments/parameters folder.",
        )
    return read_parameters(files[wanted])
