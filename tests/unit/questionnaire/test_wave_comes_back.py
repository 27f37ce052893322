"""A whole wave from a questionnaire: token, school, learning mode, consent and sensitive modules come back too."""

from __future__ import annotations

import json

import pytest
from unit.questionnaire import survey_tools

from connectedness.declare.project import open_project
from connectedness.declare.registry import find_instrument
from connectedness.ingest import ingest_wave
from connectedness.questionnaire import write_questionnaire

KEY = b"a key for the tests of this room"
HR = find_instrument("healthy-relationships")
ENDINGS = {"qualtrics": ".qsf", "limesurvey": ".txt", "redcap": ".csv", "plain": ".html"}
CONSENT = {
    "en": "The last questions are more personal. May we ask them? If you choose “No”, you are done.",
    "fr": "Les dernières questions sont plus personnelles. Pouvons-nous te les poser? "
    "Si tu choisis « Non », tu as terminé.",
}
GIVEN = {
    "ident": "s{n}", "token": "s{n}", "school": "001", "record_id": "s{n}", "Which school do you go to?": "Cedar Hill",
    "What is the code on your survey card?": "s1",
}  # fmt: skip


def a_project(root, **more):
    survey = {
        "id": "small",
        "title": {"en": "Small"},
        "synthetic": True,
        "timezone": "America/Edmonton",
        "instruments": ["healthy-relationships@1"],
        "modules": ["gender", "alliance"],
        "identity": {"token": "ident"},
        "schools": {"001": {"en": "Cedar Hill", "fr": "Colline-aux-Cèdres"}},
        "waves": [{"id": "w1", "window": ["2026-10-05", "2026-10-23"], "files": ["inbox/w1/*"], "map": "map.yaml"}],
        **more,
    }
    (root / "survey.yaml").write_text(json.dumps(survey), encoding="utf-8")
    return root


def seen(language, consent, **codes):
    out = {CONSENT[language]: consent}
    for name, code in codes.items():
        item = HR.item_by_id[name]
        label = next(one.label for one in HR.option_sets[item.options].options if one.code == code)
        out[item.text.in_language(language)] = label.in_language(language)
    return out


@pytest.mark.parametrize("texts", [False, True], ids=["codes", "labels"])
@pytest.mark.parametrize("tool", ["qualtrics", "limesurvey", "redcap", "plain"])
def test_every_tool(tmp_path, tool, texts):
    root = a_project(tmp_path)
    made = write_questionnaire(
        "healthy-relationships",
        tool,
        project=root,
        modules=["gender", "alliance"],
        out=tmp_path / f"q{ENDINGS[tool]}",
        map_file=tmp_path / "map.yaml",
    )
    language = "fr" if tool in ("qualtrics", "limesurvey") else "en"
    yes, no = ("Oui", "Non") if language == "fr" else ("Yes", "No")
    told = {"hr_mode": 2, "hr_adults": 0, "hr_bel_hide": 4}
    students = [seen(language, yes, hr_gender=1, hr_alliance=0, **told), seen(language, no, hr_mode=1, hr_attention=4)]
    text = made.file.read_text(encoding="utf-8")
    if tool == "plain":  # a page carries no token: each student types the code on a card
        students = [
            {**one, "What is the code on your survey card?": f"s{n}"} for n, one in enumerate(students, start=1)
        ]
        students = [{**one, "Which school do you go to?": "Cedar Hill"} for one in students]
        export = _typed(text, students)
    elif tool == "redcap":
        export = survey_tools.redcap(text, students, texts=texts, given=GIVEN)
    else:
        export = getattr(survey_tools, tool)(text, students, texts=texts, language=language, given=GIVEN)
    (tmp_path / "inbox" / "w1").mkdir(parents=True)
    (tmp_path / "inbox" / "w1" / "export.csv").write_bytes(export)
    found = ingest_wave(open_project(root), "w1", KEY)
    assert found.rejected.empty
    table = found.responses
    assert table["school"].tolist() == ["001", "001"] and table["respondent"].nunique() == 2
    assert table["learning_mode"].tolist() == ["digital", "in_person"]
    assert table["hr_gender"].tolist()[0] == 1 and table["hr_alliance"].tolist()[0] == 0
    assert set(table["hr_gender"].tolist()[1:] + table["hr_alliance"].tolist()[1:]) == {-2}  # not asked: no consent
    assert table["hr_bel_hide"].tolist() == [4, -1] and table["hr_adults"].tolist() == [0, -1]
    assert table["hr_attention"].tolist() == [-1, 4]


def _typed(page, students):
    """Somebody's Google form: codes are typed, so they are no labels of the page."""
    asked = survey_tools.questions_of_page(page)
    rows = [["2026/10/06 9:08:00 AM GMT-6", *(one.get(question, "") for question in asked)] for one in students]
    return survey_tools.as_csv([["Timestamp", *asked], *rows])


def test_where_a_roster_tells_the_school_nobody_asks_for_it(tmp_path):
    root = a_project(tmp_path, roster={"file": "inbox/{wave}/roster.csv"})
    made = write_questionnaire("healthy-relationships", "qualtrics", project=root, out=tmp_path / "q.qsf")
    flow = json.loads(made.file.read_text(encoding="utf-8"))["SurveyElements"][1]["Payload"]["Flow"]
    assert [one["Field"] for one in flow[0]["EmbeddedData"]] == ["ident"]
    assert "school" not in made.map_file.read_text(encoding="utf-8")


def test_an_anonymous_survey_carries_no_token(tmp_path):
    root = a_project(tmp_path, identity=None)
    for tool, ending in ENDINGS.items():
        made = write_questionnaire("healthy-relationships", tool, project=root, out=tmp_path / f"{tool}{ending}")
        assert "token" not in made.map_file.read_text(encoding="utf-8")
        assert not [note for note in made.notes if note.startswith("Tokens")]
    assert "\tanonymized\t\tY\t" in (tmp_path / "limesurvey.txt").read_text(encoding="utf-8")
    assert "student_record" not in (tmp_path / "redcap.csv").read_text(encoding="utf-8")


def test_without_the_consent_no_sensitive_item_is_asked(tmp_path):
    made = write_questionnaire("healthy-relationships", "redcap", modules=["gender"], out=tmp_path / "r.csv")
    lines = [line for line in made.file.read_text(encoding="utf-8").splitlines() if "[sensitive_consent] = '1'" in line]
    assert [line.partition(",")[0] for line in lines] == ["hr_gender"]
    made = write_questionnaire("healthy-relationships", "limesurvey", modules=["gender"], out=tmp_path / "l.txt")
    assert made.file.read_text(encoding="utf-8").count("sensitiveconsent.NAOK == 1") == 2  # once a language
    assert any("counsel" in note for note in made.notes)
