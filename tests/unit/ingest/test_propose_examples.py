"""A drafted map of each committed example, once confirmed, reads the same answers as a map written by hand."""

from __future__ import annotations

import copy

import pytest
import yaml
from unit.ingest.exports import EXAMPLES

from connectedness.declare.columns import ColumnMap
from connectedness.declare.instrument import Instrument
from connectedness.declare.source import read_source
from connectedness.ingest import proposal_yaml, propose
from connectedness.ingest.proposal import Proposal

LABELS = ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")
WORDS = {label: code for code, label in enumerate(LABELS, 1)}


def instrument(**texts: str) -> Instrument:
    """Two items with their words, and the labels that the examples use."""
    options = [{"code": code, "label": {"en": label}} for label, code in WORDS.items()]
    return Instrument.model_validate(
        {
            "id": "small-survey", "version": 1, "title": {"en": "Small"}, "standing": {"en": "Invented for tests"},
            "source": ["none"], "licence": {"tier": "A", "terms": "none"},
            "option_sets": {"agreement": {"expresses": "agreement", "options": options}},
            "items": [
                {"id": item, "options": "agreement", "text": {"en": text}} for item, text in texts.items()
            ],
            "scales": [
                {"id": "s", "title": {"en": "S"}, "description": {"en": "S"}, "items": [*texts], "min_answered": 1}
            ],
            "missing": {"9": "skipped"},
        }
    )  # fmt: skip


HOME = instrument(sm_a="I feel at home", sm_b="I belong")
STEM = "How is it \u2013 here, at “école”?"
GRID = "How is it here?"
QUALTRICS = {"school": "School", "started_at": "StartDate", "submitted_at": "EndDate"}
GOOGLE = {"school": "Your school", "submitted_at": "Timestamp"}
LIME = {"school": "school", "started_at": "startdate", "submitted_at": "submitdate", "duration_s": "interviewtime"}
MONKEY = {"school": "Your school", "started_at": "Start Date", "submitted_at": "End Date"}
BY_HAND = {
    "qualtrics_numbers.csv": (QUALTRICS, {"sm_a": "Q1_1", "sm_b": "Q1_2"}),
    "qualtrics_words.tsv": (QUALTRICS, {"sm_a": "Q1_1", "sm_b": "Q1_2"}),
    "google_forms.csv": (GOOGLE, {"sm_a": f"{GRID} [I feel at home]", "sm_b": f"{GRID} [I belong]"}),
    "google_forms.csv.zip": (GOOGLE, {"sm_a": f"{GRID} [I feel at home]", "sm_b": f"{GRID} [I belong]"}),
    "google_sheets.csv": (GOOGLE, {"sm_a": f"{GRID} [I feel at home]", "sm_b": f"{GRID} [I belong]"}),
    "microsoft_forms.xlsx": (
        {"school": "Your school", "started_at": "Start time", "submitted_at": "Completion time"},
        {"sm_a": "I feel at home", "sm_b": "I belong"},
    ),
    "limesurvey_texts.csv": (LIME, {"sm_a": "Q2[SQ001]", "sm_b": "Q2[SQ002]"}),
    "surveymonkey_condensed.csv": (MONKEY, {"sm_a": f"{STEM} [I feel at home]", "sm_b": f"{STEM} [I belong]"}),
    "surveymonkey_windows.csv": (MONKEY, {"sm_a": f"{STEM} [I feel at home]", "sm_b": f"{STEM} [I belong]"}),
    "surveymonkey_condensed.xlsx": (MONKEY, {"sm_a": f"{STEM} [I feel at home]", "sm_b": f"{STEM} [I belong]"}),
    "labelled.sav": ({"school": "school"}, {"sm_a": "home"}),
    "labelled.dta": ({"school": "school"}, {"sm_a": "home"}),
}  # fmt: skip


def read(small, own: Instrument, name: str, columns: dict, items: dict, **more):
    """Read an example with a map, as a survey without tokens of the instrument."""
    small.survey.pop("identity", None)
    held = yaml.safe_dump(own.model_dump(exclude_defaults=True, mode="json"), allow_unicode=True)
    (small.root / "instruments/small-survey.yaml").write_text(held, encoding="utf-8")
    small.put(name.rpartition("/")[2], (EXAMPLES / name).read_bytes())
    small.columns, small.map = columns, {"items": items, **more}
    return small.ingest()


def confirmed(tmp_path, proposal: Proposal) -> dict:
    """What the YAML file holds once a person has confirmed it."""
    path = tmp_path / "export.yaml"
    text = proposal_yaml(proposal)
    path.write_text(text.replace("\nconfirmed: false\n", "\nconfirmed: true\n"), encoding="utf-8")
    read_source(path).parse(ColumnMap)
    made = read_source(path).data
    assert made == {**proposal.map, "confirmed": True}
    return made


@pytest.mark.parametrize("name", BY_HAND)
def test_confirmed_as_it_stands_it_reads_what_a_map_by_hand_reads(small, tmp_path, name):
    columns, items = BY_HAND[name]
    own = instrument(sm_a="I feel at home", sm_b="I belong, mostly") if "qualtrics" in name else HOME
    proposal = propose(EXAMPLES / name, [own])
    assert set(proposal.map["items"]) == set(items)
    made = confirmed(tmp_path, proposal)
    by_hand = read(small, own, name, columns, copy.deepcopy(items)).responses
    drafted = read(small, own, name, made["columns"], made["items"]).responses
    same = [*items, "school", "started_at", "submitted_at", "source_row"]
    assert drafted[same].equals(by_hand[same])
    assert (drafted[[*items]] > 0).to_numpy().any()


def test_limesurvey_is_mapped_by_its_codes_whatever_the_headings_are():
    own = instrument(sq001="I feel at home", sq002="I belong")
    for name in ("limesurvey.csv", "limesurvey_commas.csv", "limesurvey_texts.csv"):
        proposal = propose(EXAMPLES / name, [own])
        assert proposal.map["columns"] == {**LIME, "response_id": "id", "token": "token"}
        # two questions have a row of this code, so neither is chosen
        assert proposal.map["items"] == {} and proposal.unsure[0].replace("]", "").replace("[", "_") == (
            "sq001: too close to choose: Q2_SQ001 (1.00), Q4_SQ001 (1.00)."
        )


def test_redcap_codes_and_labels_give_the_same(small, tmp_path):
    small.put("dictionary.csv", (EXAMPLES / "redcap/dictionary.csv").read_bytes())
    own = instrument(sm_a="I feel at home", sm_b="I belong here")
    found = {}
    for name in ("redcap/raw.csv", "redcap/labels.csv"):
        proposal = propose(EXAMPLES / name, [own])
        made = confirmed(tmp_path, proposal)
        found[name] = read(small, own, name, made["columns"], made["items"]).responses[["sm_a", "sm_b"]]
        (small.root / "inbox/w2" / name.rpartition("/")[2]).unlink()
    assert propose(EXAMPLES / "redcap/raw.csv", [own]).map["columns"] == {
        "response_id": "record_id", "school": "school", "submitted_at": "climate_timestamp",
    }  # fmt: skip
    assert propose(EXAMPLES / "redcap/raw.csv", [own]).map["items"] == {"sm_a": "home", "sm_b": "belong"}
    assert found["redcap/raw.csv"].equals(found["redcap/labels.csv"])
    assert found["redcap/raw.csv"].values.tolist() == [[4, 5], [2, 2]]


def test_a_question_whose_choices_have_a_column_each_is_mapped_whole():
    proposal = propose(EXAMPLES / "surveymonkey_expanded.csv", [HOME])
    assert proposal.map["items"] == {"sm_b": "I belong"} and proposal.items_missing == ["sm_a"]


def test_columns_with_names_and_addresses_are_told_of_and_never_mapped():
    proposal = propose(EXAMPLES / "qualtrics_numbers.csv", [HOME])
    assert {"IPAddress", "RecipientEmail", "Q9"} <= set(proposal.columns_unused)
    assert "IPAddress" not in str(proposal.map)
