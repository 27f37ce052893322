"""A value that cannot stand is told with what was found, what is allowed and what to do."""

from __future__ import annotations

import pytest

from connectedness.declare.project import check_declarations, open_project
from connectedness.errors import ConnectednessError, DeclarationError
from connectedness.release.rows import check_project_name

SURVEY = """\
id: tiny
title: {en: Tiny}
synthetic: true
instruments: [school-connectedness-5@1]
waves:
  - {id: w1, window: [2026-10-05, 2026-10-23], files: ["*.csv"], map: {columns: {school: s}, items: {sc5_h1ed19: a}}}
"""


def told(tmp_path, more: str) -> DeclarationError:
    (tmp_path / "survey.yaml").write_text(SURVEY + more, encoding="utf-8")
    with pytest.raises(DeclarationError) as raised:
        check_declarations(open_project(tmp_path))
    assert raised.value.line is not None
    return raised.value


def test_a_measure_of_a_scale_that_is_not_there(tmp_path):
    error = told(tmp_path, "measures:\n  - {id: mine, statistic: mean, scale: sc5_conect}\n")
    assert (error.found, error.allowed, error.todo) == ("sc5_conect", "sc5_connect", "Did you mean sc5_connect?")
    error = told(tmp_path, "measures:\n  - {id: mine, statistic: share, item: zzz, code: 1}\n")
    assert "sc5_h1ed19, sc5_h1ed20" in error.allowed and "pin the instrument" in error.todo


def test_a_policy_under_the_floor(tmp_path):
    error = told(tmp_path, "policy: {minimum: {internal: 3, public: 10}}\n")
    assert (error.found, error.allowed) == ("internal: 3", "5 or more") and "Raise it" in error.todo
    error = told(tmp_path, "policy: {minimum: {internal: 10, public: 6}}\n")
    assert error.allowed == "public: 10 or more"
    assert told(tmp_path, "policy: {small: 10}\n").allowed == "30 or more"


@pytest.mark.parametrize(("zone", "todo"), [("America/Edmontn", "America/Edmonton?"), ("%%", "continent and city")])
def test_a_timezone_that_is_not_known(tmp_path, zone, todo):
    error = told(tmp_path, f"timezone: '{zone}'\n")
    assert error.found == zone and "America/Toronto" in error.allowed and todo in error.todo


@pytest.mark.parametrize(("name", "better"), [("Belonging Lab 2027", "belonging-lab-2027"), ("", "peer-study-2026")])
def test_a_projects_name_that_cannot_name_a_folder(name, better):
    with pytest.raises(ConnectednessError) as raised:
        check_project_name(name)
    assert raised.value.todo == f"Write {better}."
    check_project_name(better)
