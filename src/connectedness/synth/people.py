"""The students: who is in which school and grade in which wave, their groups and their latent traits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connectedness.synth.plan import SCHOOL_SHARE, TRAITS, Plan

MODES = ("in_person", "digital", "blended")
GROUPS = ("newcomer", "not_newcomer", "not_said")
_TRAIT_CORRELATION = np.array([[1.0, 0.6, 0.6], [0.6, 1.0, 0.5], [0.6, 0.5, 1.0]])
_STABLE = 0.7  # share of a student's own variance that stays from one wave to the next
_NOT_SAID = 0.08
_FAR = 1_000_000  # more than any school has students


@dataclass(frozen=True)
class People:
    """Everyone who is ever on a roster, one element a person; `stable` is people x traits, of variance one."""

    identity: np.ndarray
    number: np.ndarray
    group: np.ndarray
    given: np.ndarray
    family: np.ndarray
    stable: np.ndarray
    spare_numbers: np.ndarray


@dataclass(frozen=True)
class Enrolment:
    """The roster of one wave, one element a student: the person, the school, the grade, the learning mode.

    `traits` is students x traits, school effects included; over the district each has mean 0 and variance 1.
    """

    person: np.ndarray
    school: np.ndarray
    grade: np.ndarray
    mode: np.ndarray
    traits: np.ndarray
    answers: np.ndarray


def draw_people(plan: Plan, names: tuple[int, int]) -> People:
    """Draw everyone. A student who moves up a grade within a school is the same person in the next wave."""
    rng = np.random.default_rng([plan.seed, 1])
    school, grade, place = _seats(plan, rng)
    identity = np.unique(np.concatenate([_identity(school, grade, place, w) for w in range(len(plan.waves))]))
    count = len(identity)
    newcomers = np.array([one.newcomers for one in plan.schools])[identity // (_FAR * 1000)]
    chance = rng.random(count)
    group = np.where(chance < _NOT_SAID, 2, np.where(chance < _NOT_SAID + newcomers, 0, 1))
    numbers = rng.permutation(count + count // 10 + 100)
    return People(
        identity=identity,
        number=numbers[:count],
        group=group,
        given=rng.integers(0, names[0], count),
        family=rng.integers(0, names[1], count),
        stable=_correlated(rng, count),
        spare_numbers=numbers[count:],
    )


def enrol(plan: Plan, people: People, wave: int) -> Enrolment:
    """Draw the roster of one wave, the traits of its students, and who of them answers."""
    school, grade, place = _seats(plan, np.random.default_rng([plan.seed, 1]))
    rng = np.random.default_rng([plan.seed, 2, wave])
    person = np.searchsorted(people.identity, _identity(school, grade, place, wave))
    own = np.sqrt(_STABLE) * people.stable[person] + np.sqrt(1 - _STABLE) * _correlated(rng, len(person))
    roles = np.array([one.role for one in plan.schools])[school]
    mode = np.where(roles == "digital", 1, np.where((roles == "blended") & (rng.random(len(person)) < 0.3), 2, 0))
    return Enrolment(
        person=person,
        school=school,
        grade=grade,
        mode=mode,
        traits=np.sqrt(1 - SCHOOL_SHARE) * own + plan.effects_in(wave)[school],
        answers=_who_answers(plan, school, rng),
    )


def _seats(plan: Plan, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """School, grade and place in the class list of every seat of the district; the same in every wave."""
    rows, counts = [], []
    for number, one in enumerate(plan.schools):
        rows += [(number, int(grade)) for grade in one.grades]
        counts.append(rng.multinomial(one.size, np.full(len(one.grades), 1 / len(one.grades))))
    per_class = np.concatenate(counts)
    school, grade = np.repeat(np.array(rows), per_class, axis=0).T
    place = np.arange(per_class.sum()) - np.repeat(np.cumsum(per_class) - per_class, per_class)
    return school, grade, place


def _identity(school: np.ndarray, grade: np.ndarray, place: np.ndarray, wave: int) -> np.ndarray:
    """Who sits there: the cohort (grade less wave) moves up together, each student keeping the place."""
    return (school * 1000 + 500 + grade - wave) * _FAR + place


def _correlated(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.standard_normal((count, len(TRAITS))) @ np.linalg.cholesky(_TRAIT_CORRELATION).T


def _who_answers(plan: Plan, school: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    chance = rng.random(len(school))
    rates = np.array([one.rate for one in plan.schools])
    answers = chance < rates[school]
    for number, one in enumerate(plan.schools):
        if one.answering is not None:
            seats = np.flatnonzero(school == number)
            answers[seats] = False
            answers[seats[np.argsort(chance[seats])[: one.answering]]] = True
    if not answers.any():
        answers[0] = True
    return answers
