"""`check` reads every YAML file of a project, used or not, and touches no data."""

from __future__ import annotations

import pytest

from connectedness.checking import check_project
from connectedness.errors import DeclarationError
from connectedness.synth import make_district

BROKEN = {
    "instruments/ours.yaml": "id: ours\nversion: 1\ntitel: {en: Ours}\n",
    "instruments/parameters/ours.yaml": "id: ours\nmodel: rasch\n",
    "dashboards/texts.en.yaml": "no_such_text: Hello\n",
    "dashboards/texts.fr.yaml": "no_such_text: Bonjour\n",
    "dashboards/theme.yaml": "no_such_colour: red\n",
    "data_contracts/roster.odcs.yaml": "kind: DataContract\n",
}


@pytest.fixture
def project(tmp_path):
    return make_district(tmp_path / "project", students=60, schools=2, waves=1)


def test_a_sound_project_passes_without_its_data(project):
    for file in (project / "inbox").rglob("*.csv"):
        file.unlink()
    assert check_project(project)["waves"] == 1


@pytest.mark.parametrize("name", BROKEN)
def test_every_yaml_file_is_read(project, name):
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    (project / name).write_text(BROKEN[name], encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        check_project(project)
    assert name.rsplit("/", 1)[-1] in str(caught.value)


def test_a_measure_that_cannot_be_computed_is_found_before_any_data(project):
    survey = project / "survey.yaml"
    text = survey.read_text(encoding="utf-8")
    survey.write_text(text.replace("code: 1}", "code: 9}"), encoding="utf-8")
    with pytest.raises(DeclarationError, match="measures"):
        check_project(project)
