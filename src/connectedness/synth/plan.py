"""The plan of the synthetic district: its waves, its schools, and what is true of each school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from connectedness.errors import ConnectednessError

TRAITS = ("belonging", "adults", "peers")
SCHOOL_SHARE = 0.05
"""Intraclass correlation: how much of the variance of a trait lies between schools."""
RISE = 0.6
"""How far belonging rose in the school that rose, in standard deviations of the trait."""
LAST_YEAR = 2026

Role = Literal["regular", "digital", "blended", "tiny", "small", "under_30", "silent"]

# Name, students on the roster, students who answer (None: as the school's response rate has it).
_SPECIAL: tuple[tuple[Role, int, int | None], ...] = (
    ("tiny", 7, 4),
    ("small", 13, 8),
    ("under_30", 26, None),
    ("silent", 40, 0),
)
_GRADES = {
    "elementary": ("4", "5", "6"),
    "junior": ("7", "8", "9"),
    "senior": ("10", "11", "12"),
    "all_grades": ("4", "5", "6", "7", "8", "9", "10", "11", "12"),
}
_KINDS = ("elementary", "junior", "senior", "elementary", "elementary", "junior")
_TYPE = {
    "elementary": ("Elementary School", "École primaire"),
    "junior": ("Junior High School", "École secondaire de premier cycle"),
    "senior": ("Senior High School", "École secondaire de deuxième cycle"),
    "all_grades": ("School", "École"),
}
_NAMES = (
    ("Cedar Hill", "Colline-aux-Cèdres"),
    ("Willow Creek", "Ruisseau-des-Saules"),
    ("North Meadow", "Pré-du-Nord"),
    ("Stone Bridge", "Pont-de-Pierre"),
    ("Blue Heron", "Héron-Bleu"),
    ("Two Rivers", "Deux-Rivières"),
    ("Prairie Wind", "Vent-des-Prairies"),
    ("Birch Grove", "Boisé-des-Bouleaux"),
    ("Sunrise", "Soleil-Levant"),
    ("Red Fox", "Renard-Roux"),
    ("Clear Lake", "Lac-Clair"),
    ("Aspen Ridge", "Crête-des-Trembles"),
    ("Snowberry", "Symphorine"),
    ("Old Mill", "Vieux-Moulin"),
    ("Long Valley", "Longue-Vallée"),
    ("Chickadee", "Mésange"),
    ("Saskatoon Berry", "Amélanche"),
    ("White Owl", "Hibou-Blanc"),
    ("Mill Pond", "Étang-du-Moulin"),
    ("Northern Lights", "Aurores-Boréales"),
    ("Sweetgrass", "Foin-d'Odeur"),
    ("Beaver Dam", "Barrage-du-Castor"),
    ("Little Hill", "Petite-Colline"),
    ("Far Field", "Champ-Lointain"),
)


@dataclass(frozen=True)
class PlannedWave:
    """One administration: its id and its three weeks."""

    id: str
    opens: date
    closes: date


@dataclass(frozen=True)
class PlannedSchool:
    """One school. `answering` fixes how many of its students answer; else `rate` has it."""

    id: str
    name_en: str
    name_fr: str
    role: Role
    grades: tuple[str, ...]
    size: int
    rate: float
    answering: int | None
    newcomers: float


@dataclass(frozen=True)
class Plan:
    """The whole district. `effects` is schools x traits, in standard deviations of a trait."""

    seed: int
    waves: tuple[PlannedWave, ...]
    schools: tuple[PlannedSchool, ...]
    effects: np.ndarray
    rose: int | None

    def effects_in(self, wave: int) -> np.ndarray:
        """School effects in a wave: the same in all, but for the school that rose in the last."""
        effects = self.effects.copy()
        if self.rose is not None and wave == len(self.waves) - 1:
            effects[self.rose, TRAITS.index("belonging")] += RISE
        return effects


def plan_district(students: int, schools: int, waves: int, seed: int) -> Plan:
    """Draw the plan.

    Raises
    ------
    ConnectednessError
        When there are not as many students as schools, or no school or no wave.
    """
    _must_be_possible(students, schools, waves, seed)
    rng = np.random.default_rng([seed, 0])
    roles = _roles(students, schools)
    sizes = _sizes(rng, roles, students)
    drawn = tuple(_school(rng, number, role, int(sizes[number]), roles) for number, role in enumerate(roles))
    trait_correlation = np.full((3, 3), 0.6) + 0.4 * np.eye(3)
    effects = rng.multivariate_normal(np.zeros(3), SCHOOL_SHARE * trait_correlation, size=schools)
    regular = [number for number, role in enumerate(roles) if role == "regular"] or [0]
    by_size = sorted(regular, key=lambda number: sizes[number])
    rose = by_size[int(0.7 * len(by_size))] if waves > 1 else None
    return Plan(seed, tuple(_wave(LAST_YEAR - waves + 1 + n) for n in range(waves)), drawn, effects, rose)


def _must_be_possible(students: int, schools: int, waves: int, seed: int) -> None:
    if schools < 1 or waves < 1 or students < schools:
        raise ConnectednessError(
            "a synthetic district of this size cannot be made.",
            found=f"{students} students, {schools} schools, {waves} waves",
            allowed="at least one school, one wave, and one student a school",
        )
    if waves > LAST_YEAR - 1970:
        raise ConnectednessError("there are too many waves: each takes one year.", found=waves, allowed="at most 56")
    if seed < 0:
        raise ConnectednessError("a seed is a whole number, zero or more.", found=seed)


def _roles(students: int, schools: int) -> list[Role]:
    """Give every school a role. Special schools come last, and only while the others stay large enough."""
    special: list[Role] = []
    left = students
    for role, size, _ in _SPECIAL:
        others = schools - len(special) - 1
        if others >= 2 and left - size >= 40 * others:
            special.append(role)
            left -= size
    others = schools - len(special)
    modes: list[Role] = ["blended", "digital"] if others >= 6 else ["digital"] if others >= 2 else []
    regular: list[Role] = ["regular"]
    return [*regular * (others - len(modes)), *modes, *special]


def _sizes(rng: np.random.Generator, roles: list[Role], students: int) -> np.ndarray:
    fixed = {role: size for role, size, _ in _SPECIAL}
    sizes = np.array([fixed.get(role, 1) for role in roles])
    free = np.array([role not in fixed for role in roles])
    weights = np.where(free, rng.gamma(6.0, size=len(roles)), 0.0)
    return sizes + rng.multinomial(students - sizes.sum(), weights / weights.sum())


def _school(rng: np.random.Generator, number: int, role: Role, size: int, roles: list[Role]) -> PlannedSchool:
    if role == "digital" or len(roles) == 1:
        kind = "all_grades"
    elif role == "blended":
        kind = "senior"
    elif role != "regular":
        # Small schools are of one kind: were each the only small one of its grades, a whole band could not be shown.
        kind = "elementary"
    else:
        kind = _KINDS[number % len(_KINDS)]
    name_en, name_fr = _NAMES[number % len(_NAMES)]
    again = "" if number < len(_NAMES) else f" {number // len(_NAMES) + 1}"
    type_en, type_fr = ("Digital School", "École numérique") if role == "digital" else _TYPE[kind]
    return PlannedSchool(
        id=f"{number + 1:0{max(3, len(str(len(roles))))}d}",
        name_en=f"{name_en}{again} {type_en}",
        name_fr=f"{type_fr} {name_fr}{again}",
        role=role,
        grades=_GRADES[kind],
        size=size,
        rate=float(rng.uniform(0.55, 0.92)),
        answering={name: answering for name, _, answering in _SPECIAL}.get(role),
        # Some schools welcome most newcomers; in the others they are too few to show.
        newcomers=float(rng.uniform(0.12, 0.25) if rng.random() < 0.4 else rng.uniform(0.0, 0.02)),
    )


def _wave(year: int) -> PlannedWave:
    first = date(year, 10, 1)
    monday = first + timedelta(days=-first.weekday() % 7)
    return PlannedWave(f"{year}-fall", monday, monday + timedelta(days=18))
