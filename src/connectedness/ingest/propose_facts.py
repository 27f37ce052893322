"""Columns that are not answers: token, school, grade, times, consent, by the tool's own columns and by usual names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectedness.declare.survey import Survey
from connectedness.ingest.cells import tidy
from connectedness.ingest.described import DescribedColumn
from connectedness.ingest.propose_words import bare

# Headings in letters and digits only, without case and accents, in English and French.
_HEADINGS: dict[str, tuple[str, ...]] = {
    "token": (
        "token", "studenttoken", "studentid", "studentnumber", "studentcode", "accesscode", "jeton", "eleve",
        "numerodeleve", "numeroeleve", "codedacces",
    ),
    "response_id": ("responseid", "respondentid", "recordid", "submissionid", "idreponse", "cntstuid", "idstud"),
    "school": (
        "school", "yourschool", "schoolid", "schoolcode", "schoolnumber", "schoolname", "whichschooldoyougoto",
        "whichschooldoyouattend", "whatschooldoyougoto", "whatisyourschool", "whatisthenameofyourschool", "ecole",
        "tonecole", "votreecole", "codeecole", "codedelecole", "numerodelecole", "nomdelecole", "quelleesttonecole",
        "cntschid", "idschool",
    ),
    "grade": (
        "grade", "gradelevel", "yourgrade", "studentgrade", "whatgradeareyouin", "whatisyourgrade",
        "inwhatgradeareyou", "niveau", "niveauscolaire", "annee", "anneescolaire", "tonannee",
        "enquelleanneeestu", "enquelleanneeetesvous",
    ),
    "learning_mode": ("learningmode", "modeoflearning", "modedapprentissage"),
    "started_at": ("startedat", "startdate", "starttime", "started", "datestarted", "datededebut"),
    "submitted_at": (
        "submittedat", "submitdate", "enddate", "endtime", "completiontime", "completedat", "submitted", "timestamp",
        "datesubmitted", "recordeddate", "horodateur", "datedefin",
    ),
    "duration_s": ("durations", "duration", "durationinseconds", "durationseconds", "interviewtime"),
}  # fmt: skip
# What these say must be read by a person: only a person knows which value is a yes.
_AGREED: dict[str, tuple[str, ...]] = {
    "participation_consent": (
        "consent", "parentconsent", "parentalconsent", "guardianconsent", "participationconsent", "parentpermission",
        "consentement", "consentementduparent", "consentementparental",
    ),
    "assent": ("assent", "studentassent", "assentiment"),
    "opt_out": ("optout", "optedout", "parentoptout", "withdrawn", "refusal", "refus", "retrait"),
    "consent": ("consentsensitive", "sensitiveconsent", "moduleconsent"),
}  # fmt: skip


@dataclass
class Facts:
    """Columns of the map that are not answers, why each was chosen, and what was left to a person.

    `asides` holds lines of YAML that a person can complete, by the column they are about.
    """

    columns: dict[str, object] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    unsure: list[str] = field(default_factory=list)
    asides: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


def find_facts(columns: Sequence[DescribedColumn], roles: Mapping[str, str], survey: Survey | None) -> Facts:
    """Find the columns that are not answers among those that no item has."""
    out = Facts()
    free = list(columns)
    _token(out, free, roles, survey)
    for role, usual in _HEADINGS.items():
        if role == "token":
            continue
        if role in roles and (own := _called(roles[role], free)):
            _take(out, role, own[0].name, "the survey tool's own column")
        elif role not in roles:
            _by_heading(out, role, usual, free)
    for role, usual in _AGREED.items():
        for column in free:
            names = (name.partition("___")[0] for name in (column.name, *column.other_names))  # a box to tick
            if {bare(name) for name in names} & set(usual):
                out.asides[column.name] = role
                out.used.add(column.name)
    for name in _declared(survey):
        others = [one for one in free if bare(one.name) == bare(name) and one.name not in out.used]
        if len(others) == 1:
            held = out.columns.setdefault("others", {})
            if isinstance(held, dict):
                held[name] = others[0].name
            out.why[f"others.{name}"] = "called as survey.yaml calls it"
            out.used.add(others[0].name)
    return out


def _declared(survey: Survey | None) -> list[str]:
    if survey is None:
        return []
    return [
        *(unit for unit in survey.units if unit not in ("school", "district")),
        *(one.id for one in survey.breakdowns if one.id not in ("grade", "grade_band", "learning_mode")),
    ]


def _token(out: Facts, free: Sequence[DescribedColumn], roles: Mapping[str, str], survey: Survey | None) -> None:
    if survey is not None and survey.identity is None:
        return
    if survey is not None and survey.identity is not None:
        wanted = tidy(survey.identity.token)
        if len(held := _called(wanted, free)) == 1:
            _take(out, "token", held[0].name, "the token that survey.yaml declares")
            return
        out.unsure.append(f"token: no column is called {wanted}, which survey.yaml declares.")
    if "token" in roles and (held := _called(roles["token"], free)):
        _take(out, "token", held[0].name, "the survey tool's own column")
    else:
        _by_heading(out, "token", _HEADINGS["token"], free)


def _called(name: str, free: Sequence[DescribedColumn]) -> list[DescribedColumn]:
    return [one for one in free if tidy(name) in map(tidy, (one.name, *one.other_names))]


def _by_heading(out: Facts, role: str, usual: Sequence[str], free: Sequence[DescribedColumn]) -> None:
    """The column whose heading is a usual one; the earlier in the list of usual ones, the sooner it counts."""
    for heading in usual:
        held = [
            one
            for one in free
            if one.name not in out.used and heading in {bare(name) for name in (one.name, *one.other_names)}
        ]
        if len(held) == 1:
            _take(out, role, held[0].name, "GUESS by its heading")
        elif held:
            names = " and ".join(one.name for one in held)
            out.unsure.append(f"{role}: {names} are both called so; write the one that holds it.")
        if held:
            return


def _take(out: Facts, role: str, column: str, why: str) -> None:
    out.columns[role], out.why[role] = column, why
    out.used.add(column)
