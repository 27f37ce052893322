"""`init` and `customise`: what is written, what is refused, and what is never touched."""

from __future__ import annotations

import json
from datetime import date

import pytest

from connectedness import __version__, newproject
from connectedness.declare.project import check_declarations, open_project
from connectedness.declare.registry import find_instrument
from connectedness.errors import DeclarationError
from connectedness.files import sha256_of
from connectedness.newproject import changed_since, customise, init_project, question_columns, survey_template
from connectedness.packaged import find_file, packaged_files


@pytest.fixture
def key_file(tmp_path, monkeypatch):
    path = tmp_path / "keys" / "secret.key"
    monkeypatch.setenv("CONNECTEDNESS_KEY_FILE", str(path))
    return path


def confirm(project):
    survey = project / "survey.yaml"
    survey.write_text(survey.read_text(encoding="utf-8").replace("confirmed: false", "confirmed: true"), "utf-8")


@pytest.fixture
def project(tmp_path, key_file):
    init_project(tmp_path / "North Hills 2")
    confirm(tmp_path / "North Hills 2")
    return tmp_path / "North Hills 2"


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of two files that a test may change."""
    root = tmp_path / "package"
    for name in ("flows/prefect.yaml", "dashboards/texts.fr.yaml"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text("first: 1\n", encoding="utf-8")
    monkeypatch.setattr("connectedness.packaged.packaged_root", lambda: root)
    return root


def test_a_new_project_holds_four_files_and_nothing_runs_on_its_made_up_headings(tmp_path, key_file):
    project = tmp_path / "north"
    init_project(project)
    with pytest.raises(DeclarationError, match="nobody has confirmed it"):
        open_project(project)
    confirm(project)
    files = {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}
    assert files == {"survey.yaml", "README.md", ".gitignore", "flows/prefect.yaml"}
    check_declarations(open_project(project))


def test_the_template_maps_every_item_that_every_student_is_asked(project):
    found = open_project(project)
    wave = found.survey.waves[0].id
    active = {item.id for item in found.instruments(wave)[0].active_items()}
    assert set(found.column_map(wave).items) == active
    assert found.survey.id == "north_hills_2"
    assert not found.survey.synthetic


def test_the_schedule_is_the_packaged_one(project):
    packaged = find_file(None, "flows/prefect.yaml")
    assert (project / "flows/prefect.yaml").read_bytes() == packaged.read_bytes()
    assert changed_since(project) == []


def test_what_is_customised_is_noted_with_its_engine(project):
    customise(project, "data_contracts/roster.odcs.yaml")
    noted = json.loads((project / newproject.RECORD).read_text())["customised"]["data_contracts/roster.odcs.yaml"]
    packaged = find_file(None, "data_contracts/roster.odcs.yaml")
    assert noted == {"engine": __version__, "sha256": sha256_of(packaged)}


def test_the_key_lies_outside_and_the_text_says_how_to_keep_it(tmp_path, key_file):
    said = init_project(tmp_path / "here", "maple_fork")
    assert len(key_file.read_bytes()) == 32
    assert str(key_file) in said
    assert "copy" in said
    everything = b"".join(path.read_bytes() for path in (tmp_path / "here").rglob("*") if path.is_file())
    assert key_file.read_bytes() not in everything


def test_student_data_never_gets_into_version_control(project):
    ignored = (project / ".gitignore").read_text().splitlines()
    assert {"inbox/", "store/", "site/internal/", "site/analyst/"} <= set(ignored)


def test_a_folder_with_a_project_is_left_as_it_is(project):
    (project / "survey.yaml").write_text("mine: true\n")
    with pytest.raises(DeclarationError, match="holds a project already") as caught:
        init_project(project)
    assert caught.value.exit_code == 10
    assert (project / "survey.yaml").read_text() == "mine: true\n"


def test_files_that_are_there_are_kept(tmp_path, key_file):
    root = tmp_path / "mine"
    root.mkdir()
    (root / "README.md").write_text("my own\n")
    (root / ".gitignore").write_text("*.bak\n")
    init_project(root)
    assert (root / "README.md").read_text() == "my own\n"
    assert (root / ".gitignore").read_text() == "*.bak\n"


def test_a_key_inside_the_project_is_refused_and_nothing_is_written(tmp_path, monkeypatch):
    root = tmp_path / "mine"
    monkeypatch.setenv("CONNECTEDNESS_KEY_FILE", str(root / "secret.key"))
    with pytest.raises(DeclarationError):
        init_project(root)
    assert not root.exists()


@pytest.mark.parametrize("folder", ["2026", "---"])
def test_a_folder_name_that_makes_no_id_asks_for_one(tmp_path, key_file, folder):
    with pytest.raises(DeclarationError, match="--id"):
        init_project(tmp_path / folder)
    assert not (tmp_path / folder).exists()


def test_an_id_is_made_without_accents(tmp_path, key_file):
    init_project(tmp_path / "Écoles du Nord")
    confirm(tmp_path / "Écoles du Nord")
    assert open_project(tmp_path / "Écoles du Nord").survey.id == "ecoles_du_nord"


def test_the_first_wave_of_the_template_is_the_next_october():
    assert "window: [2026-10-05, 2026-10-23]" in survey_template("a", "A", date(2026, 3, 1))
    assert "- id: 2027-fall" in survey_template("a", "A", date(2026, 11, 1))


def test_columns_are_named_once_by_question_and_line():
    columns = question_columns(find_instrument("healthy-relationships@1"))
    assert columns["hr_bel_accepted"] == "Q1_1"
    assert columns["hr_adult_care"] == "Q2_1"
    assert columns["hr_adults"] == "Q4"
    assert len(set(columns.values())) == len(columns)
    assert "hr_gender" not in columns


def test_customise_copies_the_packaged_file(project, package):
    copy = customise(project, "dashboards/texts.fr.yaml")
    assert copy == project / "dashboards/texts.fr.yaml"
    assert copy.read_text() == "first: 1\n"
    assert changed_since(project) == []


def test_a_change_of_the_original_is_told_but_not_a_change_of_the_copy(project, package):
    copy = customise(project, "dashboards/texts.fr.yaml")
    copy.write_text("mine: 2\n")
    assert "dashboards/texts.fr.yaml" not in changed_since(project)
    (package / "dashboards/texts.fr.yaml").write_text("second: 2\n")
    assert "dashboards/texts.fr.yaml" in changed_since(project)
    copy.unlink()
    assert "dashboards/texts.fr.yaml" not in changed_since(project)


def test_an_original_that_is_gone_is_told(project, package):
    customise(project, "dashboards/texts.fr.yaml")
    (package / "dashboards/texts.fr.yaml").unlink()
    assert "dashboards/texts.fr.yaml" in changed_since(project)


def test_an_own_copy_is_not_overwritten(project, package):
    copy = customise(project, "dashboards/texts.fr.yaml")
    copy.write_text("mine: 2\n")
    with pytest.raises(DeclarationError, match="its own copy"):
        customise(project, "dashboards/texts.fr.yaml")
    assert copy.read_text() == "mine: 2\n"


@pytest.mark.parametrize("asked", ["dashboards\\texts.fr.yaml", "./dashboards/texts.fr.yaml"])
def test_names_are_read_as_people_write_them(project, package, asked):
    assert customise(project, asked) == project / "dashboards/texts.fr.yaml"


@pytest.mark.parametrize("asked", ["dashboards/text.fr.yaml", "texts.fr.yaml", "dashboard/texts.fr.yaml"])
def test_a_name_that_is_near_is_suggested(project, package, asked):
    with pytest.raises(DeclarationError, match=r"Did you mean dashboards/texts\.fr\.yaml"):
        customise(project, asked)


def test_a_folder_is_answered_with_what_is_in_it(project, package):
    with pytest.raises(DeclarationError) as caught:
        customise(project, "dashboards")
    assert caught.value.allowed == "dashboards/texts.fr.yaml"


@pytest.mark.parametrize("asked", ["../../etc/passwd", "/etc/passwd", "survey.yaml", ""])
def test_nothing_but_packaged_files_can_be_copied(project, asked):
    with pytest.raises(DeclarationError, match="no packaged file has this name"):
        customise(project, asked)


def test_customise_asks_for_a_project(tmp_path):
    with pytest.raises(DeclarationError, match="no project"):
        customise(tmp_path, packaged_files()[0])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", '{"customised": {"a": 1}}', "{"])
def test_a_damaged_record_is_told(project, text):
    (project / newproject.RECORD).write_text(text)
    with pytest.raises(DeclarationError, match="cannot be read"):
        changed_since(project)


def test_what_the_template_says_of_the_roster_in_comments_holds(project):
    path = project / "survey.yaml"
    text = path.read_text(encoding="utf-8").replace("  # opt_out:", "  opt_out:").replace("  # groups:", "  groups:")
    path.write_text(text.replace("breakdowns: [", "breakdowns: [english_learner, "), encoding="utf-8")
    roster = open_project(project).survey.roster
    assert roster.opt_out.agreed == ("No",) and set(roster.groups.columns) == {"english_learner"}
