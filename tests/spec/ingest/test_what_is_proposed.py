"""What `columns` proposes, and what it leaves to a person."""

from __future__ import annotations

from connectedness.declare.registry import find_instrument
from connectedness.ingest import propose

OURS = [find_instrument("healthy-relationships@1")]
INCLUDED = "When a group forms at school, there is a place in it for me."


def proposal(tmp_path, *columns: str, answers: str = "Agree"):
    """A Google Forms export with these questions; every cell holds the same answer, in ten rows."""
    head = ",".join(f'"{one}"' for one in ("Timestamp", *columns))
    rows = [f"2026/10/06 9:00:41 AM GMT-6{f',{answers}' * len(columns)}"] * 10
    (tmp_path / "e.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return propose(tmp_path / "e.csv", OURS)


def test_an_item_by_its_id_or_by_its_own_words(tmp_path):
    found = proposal(tmp_path, "hr_bel_part", INCLUDED).map["items"]
    assert found == {"hr_bel_included": INCLUDED, "hr_bel_part": "hr_bel_part"}


def test_a_question_with_a_word_changed_is_proposed_as_a_guess(tmp_path):
    found = proposal(tmp_path, INCLUDED.replace("forms", "starts"))
    assert found.reasons["items.hr_bel_included"].startswith("GUESS: question text 0.9")


def test_a_question_that_says_the_opposite_is_not_proposed(tmp_path):
    found = proposal(tmp_path, "When a group forms at school, there is no place in it for me.", "hr_bel_part")
    assert "hr_bel_included" in found.items_missing


def test_of_two_questions_that_come_close_neither_is_proposed(tmp_path):
    found = proposal(tmp_path, INCLUDED.replace("forms", "starts"), INCLUDED.replace("forms", "begins"))
    assert found.map["items"] == {} and found.unsure[0].startswith("hr_bel_included: too close to choose")


def test_a_label_that_is_nearly_right_stays_unknown(tmp_path):
    found = proposal(tmp_path, "hr_bel_part", answers="Strong agree")
    assert found.labels_unknown == {"hr_bel_part": {"Strong agree": 10}}
    assert found.map["items"] == {"hr_bel_part": "hr_bel_part"}


def test_nothing_of_it_is_confirmed(tmp_path):
    assert proposal(tmp_path, "hr_bel_part").map["confirmed"] is False
