"""A survey tool's own definition tells questions and labels: with an export, or alone before there is one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.ingest.exports import EXAMPLES
from unit.ingest.test_propose_examples import LABELS, instrument

from connectedness.errors import ConnectednessError, ContractError
from connectedness.ingest import describe, propose
from connectedness.ingest.definition import read_definition, with_definition

OWN = instrument(sm_a="I feel at home", sm_b="I belong, mostly")


def element(qid: str, tag: str, text: str, kind: str, selector: str, **more) -> dict:
    payload = {
        "QuestionID": qid,
        "DataExportTag": tag,
        "QuestionText": text,
        "QuestionType": kind,
        "Selector": selector,
    }
    return {"Element": "SQ", "PrimaryAttribute": qid, "Payload": {**payload, **more}}


def choices(*texts: str) -> dict:
    return {str(at): {"Display": text} for at, text in enumerate(texts, 1)}


@pytest.fixture
def qsf(tmp_path):
    """The definition of the survey that qualtrics_numbers.csv is an export of, and a question in the trash."""
    blocks = {"1": {"Type": "Trash", "BlockElements": [{"Type": "Question", "QuestionID": "QID99"}]}}
    deep = {"Type": "Branch", "Flow": [{"Type": "EmbeddedData", "EmbeddedData": [{"Field": "School"}]}]}
    flow = {"Type": "Root", "Flow": [{"Type": "EmbeddedData", "EmbeddedData": [{"Field": "Token"}]}, deep]}
    grid = {
        "SubSelector": "SingleAnswer", "Choices": choices("I <b>feel</b> at&nbsp;home", "I belong, mostly"),
        "Answers": choices(*reversed(LABELS)), "RecodeValues": {str(at): 10 + at for at in range(1, 6)},
        "ChoiceDataExportTags": False,
    }  # fmt: skip
    elements = [
        {"Element": "BL", "Payload": blocks},
        {"Element": "FL", "Payload": flow},
        {"Element": "RS", "Payload": None},
        element("QID4", "Q1", "<div>How is it here?</div>", "Matrix", "Likert", **grid),
        element("QID7", "Q2", "Which of these?", "MC", "MAVR", Choices=choices("Art", "Music")),
        element("QID9", "Q9", "Free", "TE", "SL"),
        element("QID10", "sm_c", "One more", "MC", "SAVR", Choices=choices("No", "Yes"), RecodeValues=[]),
        element("QID99", "Q99", "I feel at home", "MC", "SAVR", Choices=choices("No", "Yes")),
    ]
    return written(tmp_path / "survey.qsf", {"SurveyEntry": {"SurveyID": "SV_1"}, "SurveyElements": elements})


def written(path, data):
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_a_qsf_alone_drafts_the_map_and_recoded_values_are_translated_by_their_labels(qsf):
    proposal = propose(qsf, [OWN])
    codes = {"11": 5, "12": 4, "13": 3, "14": 2, "15": 1}
    assert proposal.map["items"] == {
        "sm_a": {"column": "Q1_1", "codes": codes}, "sm_b": {"column": "Q1_2", "codes": codes},
    }  # fmt: skip
    assert proposal.map["columns"] == {
        "token": "Token", "school": "School", "response_id": "ResponseId", "started_at": "StartDate",
        "submitted_at": "EndDate", "duration_s": "Duration (in seconds)",
    }  # fmt: skip
    assert proposal.format == "qualtrics" and "no answers were read" in proposal.why[0]
    assert "Q99" not in proposal.columns_unused


def test_a_qsf_tells_what_the_codes_of_an_export_mean(qsf):
    proposal = propose(EXAMPLES / "qualtrics_numbers.csv", [OWN], definition=qsf)
    assert proposal.map["items"]["sm_a"]["codes"]["11"] == 5
    # the export at hand holds 1 to 5, which this definition says are no codes: that is told, not swallowed
    assert any("outside" in line for line in proposal.unsure if line.startswith("sm_a"))


def test_rows_with_tags_of_their_own_are_named_as_newer_and_as_older_exports_write_them(tmp_path):
    rows = {
        "Choices": choices("A", "B"),
        "Answers": choices(*LABELS),
        "ChoiceDataExportTags": {"1": "sm_a", "2": "sm_b"},
    }
    one = element("QID1", "Q1", "Stem", "Matrix", "Likert", SubSelector="SingleAnswer", **rows)
    path = written(tmp_path / "a.qsf", {"SurveyEntry": {}, "SurveyElements": [one]})
    told = read_definition(path)
    assert [(c.name, *c.other_names) for c in told.columns if c.kind == "question"] == [
        ("Q1_sm_a", "sm_a", "QID1_1", "QID1-1"), ("Q1_sm_b", "sm_b", "QID1_2", "QID1-2"),
    ]  # fmt: skip
    assert propose(path, [OWN]).map["items"] == {"sm_a": "Q1_sm_a", "sm_b": "Q1_sm_b"}


def test_words_that_only_the_definition_explains_become_the_codes_that_it_gives_them(tmp_path, small):
    bare = OWN.model_copy(update={"option_sets": {"agreement": _without_labels()}})
    one = element("QID1", "sm_a", "?", "MC", "SAVR", Choices=choices("Nope", "Meh", "Sure"))
    definition = written(tmp_path / "a.qsf", {"SurveyEntry": {}, "SurveyElements": [one]})
    header = "StartDate,EndDate,Status,Finished,ResponseId,RecordedDate,sm_a"
    text = f'{header}\n2026-10-06,2026-10-06,0,1,R_1aaaaa,2026-10-06,"sure "\n'
    export = tmp_path / "e.csv"
    export.write_text(text, encoding="utf-8")
    assert propose(export, [bare]).not_shown == {"sm_a": 1}
    proposal = propose(export, [bare], definition=definition)
    assert proposal.map["items"] == {"sm_a": {"column": "sm_a", "codes": {"Nope": 1, "Meh": 2, "Sure": 3}}}
    assert proposal.labels_unknown == {} and proposal.not_shown == {}


def _without_labels():
    options = OWN.option_sets["agreement"]
    return options.model_copy(
        update={"options": tuple(one.model_copy(update={"label": None}) for one in options.options)}
    )


def test_labels_of_which_none_is_known_are_left_for_a_person(tmp_path):
    one = element("QID1", "sm_a", "?", "MC", "SAVR", Choices=choices("Nope", "Meh", "Sure"))
    proposal = propose(written(tmp_path / "a.qsf", {"SurveyEntry": {}, "SurveyElements": [one]}), [OWN])
    assert proposal.map["items"] == {}
    assert proposal.labels_unknown == {"sm_a": {"Nope": None, "Meh": None, "Sure": None}}
    assert proposal.asides["items"] == ['sm_a: {column: sm_a, codes: {"1": ?, "2": ?, "3": ?}}  # same id']


def test_a_code_whose_label_is_not_known_is_not_taken_by_its_number(tmp_path):
    labels = (*LABELS[:2], "So so", *LABELS[3:])
    one = element("QID1", "sm_a", "?", "MC", "SAVR", Choices=choices(*labels))
    proposal = propose(written(tmp_path / "a.qsf", {"SurveyEntry": {}, "SurveyElements": [one]}), [OWN])
    assert proposal.map["items"]["sm_a"]["codes"] == {"1": 1, "2": 2, "4": 4, "5": 5}
    assert proposal.labels_unknown == {"sm_a": {"So so": None}}


OLD_LSS = """<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>263</DBVersion>
<answers><rows>
{answers}</rows></answers>
<questions><rows>
<row><qid>4</qid><parent_qid>0</parent_qid><type>F</type><title>Q2</title>
<question><![CDATA[<p>How is it?</p>]]></question><language>en</language></row>
<row><qid>9</qid><parent_qid>0</parent_qid><type>X</type><title>intro</title><question>Hello</question></row>
<row><qid>8</qid><parent_qid>0</parent_qid><type>T</type><title>Q5</title><question>Why?</question></row>
</rows></questions>
<subquestions><rows>
<row><qid>5</qid><parent_qid>4</parent_qid><title>SQ001</title><question><![CDATA[I feel at home]]></question></row>
<row><qid>6</qid><parent_qid>4</parent_qid><title>SQ002</title><question>I belong, mostly</question></row>
</rows></subquestions></document>"""
NEW_LSS = """<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType><DBVersion>640</DBVersion>
<answers><rows>
{answers}</rows></answers>
<answer_l10ns><rows>{texts}</rows></answer_l10ns>
<questions><rows><row><qid>4</qid><parent_qid>0</parent_qid><type>F</type><title>Q2</title></row>
<row><qid>9</qid><parent_qid>0</parent_qid><type>X</type><title>intro</title></row>
<row><qid>8</qid><parent_qid>0</parent_qid><type>T</type><title>Q5</title></row></rows></questions>
<question_l10ns><rows><row><qid>4</qid><question>How is it?</question><language>en</language></row>
<row><qid>5</qid><question>I feel at home</question><language>en</language></row>
<row><qid>5</qid><question>Je me sens bien</question><language>fr</language></row>
<row><qid>6</qid><question>I belong, mostly</question><language>en</language></row></rows></question_l10ns>
<subquestions><rows><row><qid>5</qid><parent_qid>4</parent_qid><title>SQ001</title></row>
<row><qid>6</qid><parent_qid>4</parent_qid><title>SQ002</title></row></rows></subquestions></document>"""
TABS = (
    "id\trelated_id\tclass\ttype/scale\tname\trelevance\ttext\thelp\tlanguage\n"
    "\t\tS\t\tsid\t\t1\t\t\n1\t\tG\tG0\tGroup\t1\t\t\ten\n4\t\tQ\tF\tQ2\t1\t<p>How is it?</p>\t\ten\n"
    "5\t\tSQ\t0\tSQ001\t1\tI feel at home\t\ten\n6\t\tSQ\t0\tSQ002\t1\tI belong, mostly\t\ten\n{answers}"
    "8\t\tQ\tT\tQ5\t1\tWhy?\t\ten\n9\t\tQ\tX\tintro\t1\tHello\t\ten\n"
    "4\t\tQ\tF\tQ2\t1\tComment est-ce?\t\tfr\n5\t\tSQ\t0\tSQ001\t1\tJe me sens bien\t\tfr\n"
)


def lime(kind: str) -> str:
    codes = {f"A{at}": label for at, label in enumerate(LABELS, 1)}
    if kind == "tabs":
        return TABS.format(answers="".join(f"\t\tA\t0\t{code}\t\t{label}\t\ten\n" for code, label in codes.items()))
    if kind == "old":
        rows = (f"<row><qid>4</qid><code>{code}</code><answer>{label}</answer></row>" for code, label in codes.items())
        return OLD_LSS.format(answers="".join(rows))
    rows = (f"<row><aid>{code}</aid><qid>4</qid><code>{code}</code></row>" for code in codes)
    texts = (f"<row><aid>{code}</aid><answer>{label}</answer></row>" for code, label in codes.items())
    return NEW_LSS.format(answers="".join(rows), texts="".join(texts))


@pytest.mark.parametrize("kind", ["old", "new", "tabs"])
def test_a_limesurvey_structure_drafts_the_map(tmp_path, kind):
    path = tmp_path / "survey.lss"
    path.write_text(lime(kind), encoding="utf-8")
    told = read_definition(path)
    assert [one.name for one in told.columns if one.kind != "fact"] == ["Q2[SQ001]", "Q2[SQ002]", "Q5"]
    proposal = propose(path, [OWN])
    codes = {f"A{at}": at for at in range(1, 6)}
    assert proposal.map["items"]["sm_a"] == {"column": "Q2[SQ001]", "codes": codes}
    assert proposal.map["columns"]["submitted_at"] == "submitdate"


@pytest.mark.parametrize("kind", ["old", "new", "tabs"])
def test_a_limesurvey_structure_tells_the_questions_of_an_export_headed_by_codes(tmp_path, kind):
    path = tmp_path / "survey.txt"
    path.write_text(lime(kind), encoding="utf-8")
    assert set(propose(EXAMPLES / "limesurvey_commas.csv", [OWN]).map["items"]) == set()
    proposal = propose(EXAMPLES / "limesurvey_commas.csv", [OWN], definition=path)
    assert {item: one["column"] for item, one in proposal.map["items"].items()} == {
        "sm_a": "Q2_SQ001",
        "sm_b": "Q2_SQ002",
    }


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE document [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE document SYSTEM "http://example.org/x.dtd">',
    ],
)
def test_entities_and_document_types_are_refused_unread(tmp_path, doctype):
    path = tmp_path / "survey.lss"
    path.write_text(lime("old").replace("?>\n<document>", f"?>\n{doctype}\n<document>"), encoding="utf-8")
    with pytest.raises(ContractError, match="document type"):
        read_definition(path)


def test_a_redcap_dictionary_drafts_the_map(tmp_path):
    own = instrument(sm_a="I feel at home", sm_b="I belong here")
    proposal = propose(EXAMPLES / "redcap/dictionary.csv", [own])
    assert proposal.map["items"] == {"sm_a": "home", "sm_b": "belong"}
    assert {"which___1", "which____9"} <= set(proposal.columns_unused)


def test_a_definition_of_another_survey_is_refused(tmp_path, qsf):
    with pytest.raises(ContractError, match="no question in common"):
        with_definition(describe(EXAMPLES / "labelled.sav"), qsf)
    with pytest.raises(ContractError, match="not a survey definition"):
        with_definition(describe(EXAMPLES / "labelled.sav"), EXAMPLES / "google_forms.csv")


@given(
    st.binary(max_size=200),
    st.sampled_from([b'{"SurveyEntry": ', b"<LimeSurveyDocType>", b"class\ttype/scale\tname\ttext\n", b""]),
)
def test_any_bytes_give_a_definition_none_or_a_clear_error(tmp_path_factory, raw, start):
    path = tmp_path_factory.mktemp("any") / "survey.qsf"
    path.write_bytes(start + raw)
    try:
        told = read_definition(path)
    except ConnectednessError as error:
        assert error.todo
    else:
        assert told is None or all(one.name for one in told.columns)


REAL = {
    "No_Basis_for_Evaluation": ("No_Basis_for_Evaluation__Insights_", 9),
    "Sample_Survey": ("Sample_Survey__Insights_", 40),
    "Side-by-Side_Questions": ("SidebySide_Questions__Insights_", 39),
    "Single_Answer_Matrix_Questions": ("Single_Answer_Matrix_Questions__Insights_", 15),
}


@pytest.mark.parametrize("name", REAL)
def test_real_definitions_name_every_question_of_one_answer_as_the_real_export_does(real_data, name):
    folder = real_data / "exports/qualtrics_qualtricstools"
    export, labelled = REAL[name]
    told = read_definition(folder / f"{name}.qsf")
    seen = describe(folder / f"{export}.csv")
    exported = {other for one in seen.columns for other in (one.name, *one.other_names)}
    asked = [one for one in told.columns if one.kind == "question"]
    assert all({one.name, *one.other_names} & exported for one in asked)
    with_labels = with_definition(seen, folder / f"{name}.qsf").columns
    assert sum(bool(one.labels) for one in with_labels) == labelled


def test_recoded_values_of_a_real_definition_are_the_codes_that_its_real_export_holds(real_data):
    from connectedness.ingest.export import read_columns

    folder = real_data / "exports/qualtrics_qualtricstools"
    told = with_definition(
        describe(folder / "No_Basis_for_Evaluation__Insights_.csv"), folder / "No_Basis_for_Evaluation.qsf"
    )
    columns = [one for one in told.columns if one.labels]
    path = folder / "No_Basis_for_Evaluation__Insights_.csv"
    cells = read_columns(path, path.name, None, [one.name for one in columns]).cells
    for one in columns:
        assert set(cells[one.name]) - {""} <= set(one.labels), one.name
