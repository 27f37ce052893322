"""What is written is what each tool documents: columns, keys, lengths of codes; nothing that a program would run."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from unit.questionnaire.survey_tools import questions_of_page

from connectedness.declare.instrument import Instrument
from connectedness.declare.registry import find_instrument
from connectedness.errors import DeclarationError
from connectedness.ingest.redcap_dictionary import read_dictionary
from connectedness.questionnaire import content_of, limesurvey, plain, qualtrics, redcap

HR = find_instrument("healthy-relationships")
SMALL = {
    "id": "nasty", "version": 1, "title": {"en": "=cmd()", "fr": "<b>fr</b>"}, "standing": {"en": "Invented"},
    "source": ["none"], "licence": {"tier": "A", "terms": "none"}, "languages": ["en"],
}  # fmt: skip
STARTS = ("=", "+", "-", "@")
NASTY = [
    "=1+1", "+2", "-3 or less", "@SUM(A1)", "<script>alert(1)</script>",
    'a "quoted" <b> & [field] {TOKEN} ${e://x} \\"',
    "a | bar", "&#61;1",
]  # fmt: skip


def nasty(*texts: str, labels: tuple[str, str] = ("Never <0>", "=Always & ever")) -> Instrument:
    options = [{"code": i, "label": {"en": label}} for i, label in enumerate(labels)]
    items = [{"id": f"na_{i}", "options": "two", "text": {"en": text}} for i, text in enumerate(texts)]
    return Instrument.model_validate(
        {**SMALL, "option_sets": {"two": {"expresses": "x", "options": options}}, "items": items}
    )


def content(instrument=HR, **more):
    return content_of(instrument, token="student_token", school="school", **more)


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter))


def test_a_qsf_has_the_elements_and_keys_of_a_real_one(real_data):
    folder = real_data / "exports" / "qualtrics_qualtricstools"
    real = json.loads((folder / "Sample_Survey.qsf").read_text(encoding="utf-8"))
    ours = json.loads(qualtrics.write(content(modules=("gender",))))
    assert ours.keys() == real.keys() and ours["SurveyEntry"].keys() == real["SurveyEntry"].keys()
    kinds = {one["Element"] for one in real["SurveyElements"]}
    assert kinds <= {one["Element"] for one in ours["SurveyElements"]}
    assert all(one.keys() == real["SurveyElements"][0].keys() for one in ours["SurveyElements"])
    real_choice = next(
        one["Payload"]
        for one in real["SurveyElements"]
        if one["Element"] == "SQ"
        and one["Payload"]["QuestionType"] == "MC"
        and {"RecodeValues", "VariableNaming"} <= one["Payload"].keys()
    )
    own = next(one["Payload"] for one in ours["SurveyElements"] if one["PrimaryAttribute"] == "QID2")
    wanted = set(real_choice) - {"QuestionText_Unsafe", "DisplayLogic", "DefaultChoices", "GradingData"}
    assert wanted <= set(own)
    for key in ("ChoiceOrder", "RecodeValues", "VariableNaming"):
        assert type(own[key]) is type(real_choice[key])


def test_a_qsf_hangs_together():
    whole = json.loads(qualtrics.write(content(modules=("gender", "alliance"))))
    elements = whole["SurveyElements"]
    asked = {one["PrimaryAttribute"] for one in elements if one["Element"] == "SQ"}
    blocks = next(one["Payload"] for one in elements if one["Element"] == "BL")
    placed = [one["QuestionID"] for block in blocks for one in block.get("BlockElements", [])]
    assert sorted(placed) == sorted(asked) and len(placed) == len(set(placed))
    flow = json.dumps(next(one["Payload"] for one in elements if one["Element"] == "FL"))
    ids = [block["ID"] for block in blocks]
    assert all(re.fullmatch(r"BL_[0-9a-f]{15}", one) for one in ids) and len(set(ids)) == len(ids)
    assert all(flow.count(f'"{one}"') == 1 for one in ids[:-1]) and ids[-1] not in flow  # the last is the trash
    numbers = re.findall(r'"FlowID": "FL_(\d+)"', flow)
    assert len(set(numbers)) == len(numbers) and f'"Count": {max(map(int, numbers))}' in flow
    tags = [one["Payload"]["DataExportTag"] for one in elements if one["Element"] == "SQ"]
    assert len(set(tags)) == len(tags)
    for one in elements:
        if one["Element"] == "SQ" and one["Payload"]["QuestionType"] == "MC":
            payload = one["Payload"]
            assert set(payload["ChoiceOrder"]) == set(payload["Choices"]) == set(payload["RecodeValues"])
            assert payload["Validation"]["Settings"]["ForceResponse"] == "OFF"  # every question may be skipped
            assert payload["Language"]["FR"]["Choices"].keys() == payload["Choices"].keys()


def test_the_same_questionnaire_is_the_same_file():
    assert qualtrics.write(content()) == qualtrics.write(content())


@pytest.mark.parametrize("modules", [(), ("gender", "alliance", "chosen_name")])
def test_a_structure_of_limesurvey_keeps_its_limits(modules):
    made = content(modules=modules)
    lines = rows(limesurvey.write(made), "\t")
    assert {one["class"] for one in lines} == {"S", "SL", "G", "Q", "SQ", "A"}
    assert tuple(lines[0]) == limesurvey.HEADER
    for one in lines:
        if one["class"] == "Q":
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,19}", one["name"]) and one["mandatory"] == "N"
        elif one["class"] == "SQ":
            assert re.fullmatch(r"[A-Za-z0-9]{1,20}", one["name"]) and one["type/scale"] == "0"
        elif one["class"] == "A":
            assert re.fullmatch(r"[A-Za-z0-9]{1,5}", one["name"]) and one["type/scale"] == "0"
    for language in ("en", "fr"):
        names = [one["name"] for one in lines if one["class"] in ("Q", "SQ") and one["language"] == language]
        assert len(set(names)) == len(names) == len(made.questions) + 5 + bool(modules)  # four grids and the school
    by_language = [
        [(one["class"], one["type/scale"], one["name"] if one["class"] != "G" else "") for one in lines
         if one["class"] in ("G", "Q", "SQ", "A") and one["language"] == language]
        for language in ("en", "fr")
    ]  # fmt: skip
    assert by_language[0] == by_language[1]


def test_codes_that_would_be_too_long_or_the_same_end_in_a_hash():
    texts = {"na_abcdefghijklmnopqrstuvwx": "A", "na_abcdefghijklmnopqrstuvwy": "B", "na_a_b": "C", "na_ab": "D"}
    items = [{"id": one, "options": "two", "text": {"en": text}} for one, text in texts.items()]
    whole = {**nasty("x").model_dump(), "items": items}
    found = limesurvey.codes(content(Instrument.model_validate(whole)))
    assert len(set(found.values())) == len(found) and all(len(one) <= 20 for one in found.values())
    assert found["na_abcdefghijklmnopqrstuvwx"].startswith("naabcdefghijkx") and found["school"] == "school"
    assert {found["na_a_b"], found["na_ab"]}.isdisjoint({"naab"})
    assert limesurvey.codes(content())["hr_bel_accepted"] == "hrbelaccepted"


def test_a_dictionary_has_the_columns_of_real_ones(real_data):
    found = sorted((real_data / "exports" / "redcap_redcapr").glob("*/dictionary.csv"))
    assert found
    for file in found:
        head = next(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        assert tuple(head) == redcap.HEADER and len(head) == 18


def test_a_dictionary_holds():
    lines = rows(redcap.write(content(modules=("gender",))))
    names = [one["Variable / Field Name"] for one in lines]
    assert names[0] == "record_id" and len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,25}", one) and "__" not in one for one in names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", one["Form Name"]) for one in lines)
    assert not any(one["Required Field?"] or one["Identifier?"] for one in lines)
    for group in {one["Matrix Group Name"] for one in lines} - {""}:
        those = [i for i, one in enumerate(lines) if one["Matrix Group Name"] == group]
        assert those == list(range(those[0], those[-1] + 1)) and len(those) > 1
        assert len({lines[i]["Choices, Calculations, OR Slider Labels"] for i in those}) == 1
    read = read_dictionary(redcap.write(content()))
    assert read.choices["hr_adults"] == {"0": "None", "1": "One", "2": "Two", "3": "Three or more"}


def test_a_page_is_whole_and_loads_nothing():
    page = plain.write(content().in_one("fr"))
    assert '<html lang="fr">' in page and "default-src 'none'" in page
    assert not re.search(r"<script|src=|href=|https?:|\bon\w+=", page)
    asked = questions_of_page(page)
    assert asked["À combien d'adultes de ton école pourrais-tu parler si quelque chose t'inquiétait?"] == [
        "Aucun", "Un", "Deux", "Trois ou plus",
    ]  # fmt: skip
    assert page.count("<fieldset>") == page.count("</fieldset>") == page.count("<legend>") == len(asked)


def test_no_text_becomes_a_formula_a_tag_or_a_piped_field():
    made = content(nasty(*NASTY))
    for line in rows(limesurvey.write(made), "\t"):
        assert not any(cell.startswith(STARTS) for cell in line.values())
        if line["class"] in ("Q", "SQ", "A", "G", "SL"):
            assert not re.search(r'[<>{}"\\]', line["text"])
    for line in rows(redcap.write(made)):
        assert not any(cell.startswith(STARTS) for cell in line.values())
        assert not re.search(r"[<>\[\]]", line["Field Label"] + line["Choices, Calculations, OR Slider Labels"])
    whole = json.loads(qualtrics.write(made))
    for one in whole["SurveyElements"]:
        if one["Element"] == "SQ":
            assert not re.search(r"[<>]|\$\{", one["Payload"]["QuestionText"])
    page = plain.write(made)
    assert "<script" not in page and NASTY[4] in questions_of_page(page) and NASTY[5] in questions_of_page(page)


def test_redcap_cannot_hold_a_bar_in_a_label():
    with pytest.raises(DeclarationError, match="cannot hold it"):
        redcap.write(content(nasty("x", labels=("a | b", "c"))))


def test_two_questions_of_a_page_differ():
    with pytest.raises(DeclarationError, match="same text"):
        plain.write(content(nasty("The same?", "the  SAME?")))


def test_the_reading_check_stands_among_lines_with_the_same_answers():
    parts = content().parts
    third = [one.id for one in parts[2].questions]
    assert parts[2].grid and third.index("hr_attention") == 3 and len(third) == 6
    alone = [item for item in HR.items if item.id in ("hr_adults", "hr_attention")]
    kept = HR.model_copy(update={"items": tuple(alone), "scales": (), "modules": ()})
    assert [[one.id for one in part.questions] for part in content(kept).parts] == [["hr_adults"], ["hr_attention"]]
