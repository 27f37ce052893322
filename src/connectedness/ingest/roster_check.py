"""A roster looked at before the survey opens: how many students where, what was set aside, what will be hidden."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from connectedness.declare.policy import AUDIENCES
from connectedness.declare.project import Project, open_project
from connectedness.declare.survey import GRADES
from connectedness.identity import load_key
from connectedness.ingest.roster import RosterRead, read_roster
from connectedness.ingest.roster_days import snapshot_day
from connectedness.ingest.roster_words import WORDS
from connectedness.tables import UNKNOWN

_ROWS_SHOWN = 20
_MOST_LEVELS = 40


def check_roster(root: Path, wave: str) -> dict[str, Any]:
    """Read a wave's roster as a run would, and say what is in it. Nothing is written.

    Parameters
    ----------
    root : path
        Folder of the project.
    wave : str
        Id of a wave.

    Returns
    -------
    dict
        For operations: counts, schools and row numbers, no student. `file`, `format`, `snapshot`, `rows` (the account),
        `students`, `schools` and `grades` (with `students` each), `school_grades`, `declared_without_students`,
        `not_declared`, `breakdowns` (levels with `students`), `hidden` (for each audience, what will be hidden even if
        everybody answers), `aside` and `left_out` (rows by rule), `links`, `notes`.

    Raises
    ------
    DeclarationError, ContractError
        When the survey has no roster, or it does not hold.
    """
    project = open_project(root)
    project.wave(wave)
    found = read_roster(project, wave, load_key(project.survey, project.root))
    if found is None or project.survey.roster is None:
        raise project.source.error(
            "this survey has no roster, so there is nothing to check.",
            ("roster",),
            todo="Name one under roster; without it, nobody can say how many were asked.",
        )
    frame = found.frame
    dated = project.survey.roster.format != "csv"
    return {
        "survey": project.survey.id,
        "wave": wave,
        "file": found.account["file"],
        "format": found.account["format"],
        "snapshot": snapshot_day(project, wave).isoformat() if dated else None,
        "rows": {name: found.account[name] for name in ("rows", "accepted", "quarantined", "excluded")},
        "students": len(frame),
        "schools": _schools(project, frame),
        "grades": [{"grade": one, "students": n} for one, n in _by_grade(frame["grade"])],
        "school_grades": _school_grades(frame),
        "declared_without_students": [one for one in project.schools if one not in set(frame["school"])],
        "not_declared": _not_declared(found),
        "breakdowns": [_breakdown(frame, one) for one in _groups(project, frame)],
        "hidden": [_hidden(project, frame, str(audience)) for audience in AUDIENCES],
        "aside": _aside(found.rejected),
        "left_out": _left_out(found.account["excluded"]),
        "links": found.links,
        "notes": found.notes,
    }


def _by_grade(grade: pd.Series) -> list[tuple[str, int]]:
    counts = grade.value_counts()
    return [(one, int(counts[one])) for one in (*GRADES, UNKNOWN) if one in counts]


def _schools(project: Project, frame: pd.DataFrame) -> list[dict[str, Any]]:
    counts = frame["school"].value_counts().sort_index()
    titles = project.schools
    return [
        {"school": str(school), "title": titles[school].en if school in titles else None, "students": int(n)}
        for school, n in counts.items()
    ]


def _school_grades(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"school": str(school), "grade": grade, "students": n}
        for school, rows in frame.groupby("school", sort=True)
        for grade, n in _by_grade(rows["grade"])
    ]


def _not_declared(found: RosterRead) -> list[dict[str, Any]]:
    """Schools of the roster that the survey does not declare; their rows were set aside. "" is what is not printed."""
    lines = found.rejected[found.rejected["rule"] == "unknown_school"]
    counts = lines["school"].value_counts().sort_index()
    return [{"school": str(school), "rows": int(n)} for school, n in counts.items()]


def _groups(project: Project, frame: pd.DataFrame) -> list[str]:
    return [one.id for one in project.survey.breakdowns if one.id in frame]


def _breakdown(frame: pd.DataFrame, name: str) -> dict[str, Any]:
    """Levels of a breakdown; of one with very many, which may be no group at all, only how many."""
    counts = frame[name].value_counts().sort_index()
    listed = [] if len(counts) > _MOST_LEVELS else [{"level": str(k), "students": int(n)} for k, n in counts.items()]
    return {"breakdown": name, "n_levels": len(counts), "levels": listed}


def _hidden(project: Project, frame: pd.DataFrame, audience: str) -> dict[str, Any]:
    """What an audience will not be shown even if everybody answers."""
    minimum = {str(one): n for one, n in project.policy.minimum.items()}[audience]
    schools = frame["school"].value_counts()
    groups, within = [], []
    for name in _groups(project, frame):
        counts = frame[name].value_counts()
        few = sorted(str(level) for level, n in counts.items() if n < minimum)
        if few and len(counts) <= _MOST_LEVELS:
            groups.append({"breakdown": name, "levels": few})
        smallest = frame.groupby(["school", name]).size().groupby("school").min()
        hidden = int((smallest[schools[smallest.index] >= minimum] < minimum).sum())
        within.append({"breakdown": name, "schools": hidden, "of": len(schools)})
    return {
        "audience": audience,
        "minimum": minimum,
        "schools": sorted(str(school) for school, n in schools.items() if n < minimum),
        "groups": groups,
        "within_schools": [one for one in within if one["schools"]],
    }


def _aside(rejected: pd.DataFrame) -> list[dict[str, Any]]:
    lines = rejected[rejected["kind"] == "quarantined"]
    found = []
    for (rule, file, column), rows in lines.groupby(["rule", "file", "column"], sort=True)["row"]:
        words = WORDS.get(str(rule), (str(rule).replace("_", " "), "Look at these rows in the file."))
        numbers = sorted(int(row) for row in rows)
        found.append({
            "rule": str(rule), "file": str(file), "column": str(column), "n": len(numbers),
            "rows": numbers[:_ROWS_SHOWN], "sentence": words[0], "todo": words[1],
        })  # fmt: skip
    return sorted(found, key=lambda one: (-one["n"], one["rule"]))


def _left_out(excluded: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"reason": reason, "n": n, "sentence": WORDS.get(reason, (reason.replace("_", " "), ""))[0]}
        for reason, n in excluded.items()
    ]
