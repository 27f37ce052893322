"""Which wave a file belongs to: by folder, route, pattern or the one open wave; never by a guess."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectedness.declare.intake import Intake
from connectedness.declare.project import Project
from connectedness.declare.survey import Survey
from connectedness.errors import ContractError
from connectedness.intake.landing import is_lawful
from connectedness.intake.route import route

DAY = date(2026, 10, 12)
FILES = "inbox/{wave}/export-*.csv"


def wave(name, opens, closed=False, files=FILES):
    year = int(opens[:4])
    return {
        "id": name, "window": [opens, f"{year}-12-01"], "files": [files], "closed": closed,
        "map": {"columns": {"school": "S"}, "items": {"pisa_st034q01": "Q1"}},
    }  # fmt: skip


def project(tmp_path, waves, routes=(), roster=None):
    survey = Survey.model_validate(
        {
            "id": "tiny", "title": {"en": "Tiny"}, "instruments": ["pisa-belonging@1"], "waves": waves,
            "intake": {"landing": "landing/", "routes": list(routes)}, "roster": roster,
        }
    )  # fmt: skip
    error = SimpleNamespace(error=lambda problem, *_, **more: AssertionError(problem))
    return Project(tmp_path, survey, error)


PAST, NOW, NEXT = wave("2025", "2025-10-01", closed=True), wave("2026", "2026-10-01"), wave("2027", "2027-10-01")


def test_the_one_open_wave_that_has_begun_is_meant(tmp_path):
    found = route(project(tmp_path, [PAST, NOW, NEXT]), "export-1.csv", DAY)
    assert (found.wave.id, found.kind, found.told) == ("2026", "export", False)
    assert found.target == tmp_path / "inbox" / "2026" / "export-1.csv"


def test_a_folder_called_as_a_wave_says_so_even_of_a_closed_one(tmp_path):
    found = route(project(tmp_path, [PAST, NOW]), "2025/export-1.csv", DAY)
    assert found.wave.id == "2025" and found.wave.closed and found.told


def test_a_route_says_so(tmp_path):
    routes = [{"files": "export-old*", "wave": "2025"}]
    assert route(project(tmp_path, [PAST, NOW], routes), "export-old-1.csv", DAY).wave.id == "2025"


def test_a_pattern_that_one_wave_alone_has_says_so(tmp_path):
    waves = [
        wave("2025", "2025-10-01", True, "inbox/all/2025-*.csv"),
        wave("2026", "2026-10-01", False, "inbox/all/*.csv"),
    ]
    assert route(project(tmp_path, waves[:1] + [NOW]), "2025-a.csv", DAY).wave.id == "2025"
    assert route(project(tmp_path, waves), "b.csv", DAY).target == tmp_path / "inbox" / "all" / "b.csv"


@pytest.mark.parametrize(
    ("waves", "name", "routes", "why"),
    [
        ([NOW, wave("b", "2026-10-05")], "export-1.csv", (), "Several waves are open"),
        ([PAST, NEXT], "export-1.csv", (), "no open wave has begun"),
        ([PAST], "x.csv", (), "every wave is closed"),
        ([NOW], "2062/export-1.csv", (), "as no wave"),
        ([NOW], "2026/deep/export-1.csv", (), "folder of a folder"),
        ([NOW], "results.csv", (), "reads no file of this name"),
        (
            [PAST, NOW],
            "export-1.csv",
            ({"files": "export*", "wave": "2025"}, {"files": "*.csv", "wave": "2026"}),
            "several waves",
        ),
    ],
)
def test_where_more_than_one_or_none_could_be_meant_nothing_is_guessed(tmp_path, waves, name, routes, why):
    with pytest.raises(ContractError) as caught:
        route(project(tmp_path, waves, routes), name, DAY)
    assert why.lower() in str(caught.value).lower() and caught.value.todo


def test_a_roster_may_come_before_the_wave_begins(tmp_path):
    roster = {"file": "inbox/{wave}/roster.csv"}
    found = route(project(tmp_path, [PAST, NEXT], roster=roster), "roster.csv", DAY)
    assert (found.wave.id, found.kind) == ("2027", "roster")


def test_a_roster_that_its_content_tells_gets_the_declared_place(tmp_path):
    roster = {"file": "inbox/{wave}/oneroster.zip", "format": "oneroster"}
    found = route(project(tmp_path, [NOW], roster=roster), "Oct-2026-full.zip", DAY, roster=True)
    assert found.kind == "roster" and found.target.name == "oneroster.zip"


def test_the_intake_fills_the_inbox_alone(tmp_path):
    with pytest.raises(ContractError, match="inbox"):
        route(project(tmp_path, [wave("2026", "2026-10-01", files="elsewhere/*.csv")]), "a.csv", DAY)


def test_patterns_of_many_folders_are_understood(tmp_path):
    found = route(project(tmp_path, [wave("2026", "2026-10-01", files="inbox/**/*.csv")]), "a.csv", DAY)
    assert found.target == tmp_path / "inbox" / "2026" / "a.csv"


def test_a_wave_may_not_be_called_as_a_folder_of_ours(tmp_path):
    with pytest.raises(ValueError, match="waiting"):
        project(tmp_path, [wave("waiting", "2026-10-01")])
    with pytest.raises(ValueError, match="not declared"):
        project(tmp_path, [NOW], [{"files": "*", "wave": "2030"}])
    assert Intake(landing="C:\\exports\\survey").landing


@given(st.text(max_size=40))
def test_no_name_leads_out_of_the_landing_folder_or_the_inbox(tmp_path_factory, name):
    if not is_lawful(name):
        return
    assert ".." not in name.split("/") and not name.startswith("/") and "\\" not in name and ":" not in name
    root = tmp_path_factory.getbasetemp()
    try:
        found = route(project(root, [wave("2026", "2026-10-01", files="inbox/{wave}/*")]), name, DAY)
    except ContractError:
        return
    assert found.target.parent == root / "inbox" / "2026"


@pytest.mark.parametrize(
    "name", ["../x.csv", "a/../../x.csv", "/etc/x", "a\\..\\x", "x\0.csv", "con.csv", "x.csv ", "a//b"]
)
def test_names_that_lead_elsewhere_are_not_lawful(name):
    assert not is_lawful(name)
