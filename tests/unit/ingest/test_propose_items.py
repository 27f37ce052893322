"""Which column is which item: by name, else by the text of the question; never chosen between two that are close."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectedness.declare.instrument import Item
from connectedness.ingest.described import DescribedColumn
from connectedness.ingest.propose_items import Matching, match_items
from connectedness.ingest.propose_words import likeness

WORDING = {
    "q_care": ("Someone here asks how my week went.",),
    "q_team": ("My team makes room for what I have to say.",),
    "q_safe": ("I feel safe in the hallways.",),
}
ITEMS = [Item(id=item, options="a", variable=f"V{at}") for at, item in enumerate(WORDING)]


def match(*columns: DescribedColumn | str, tool: str = "csv") -> Matching:
    """Match columns given as questions, or whole."""
    made = [DescribedColumn(one, question=one) if isinstance(one, str) else one for one in columns]
    return match_items(ITEMS, made, WORDING, tool)


def columns_of(found: Matching) -> dict[str, str]:
    return {item: one.column.name for item, one in found.found.items()}


@pytest.mark.parametrize(
    ("column", "tool", "why"),
    [
        (DescribedColumn("q_care"), "csv", "same id"),
        (DescribedColumn("Q7", ("q_care",)), "qualtrics", "same id"),
        (DescribedColumn("V0"), "csv", "the instrument's variable"),
        (DescribedColumn("Q-Care"), "csv", "same id but for case and marks"),
        (DescribedColumn("v0"), "csv", "the instrument's variable but for case and marks"),
        (DescribedColumn("block[qcare]"), "limesurvey", "same id as the code of this row"),
        (DescribedColumn("block_qcare"), "limesurvey", "same id as the code of this row"),
        (DescribedColumn("Q1_q_care"), "qualtrics", "same id as the code of this row"),
        (DescribedColumn("Q1", question="Someone here asks how my week went"), "csv", "same question text"),
    ],
)
def test_each_way_a_column_is_known(column, tool, why):
    found = match(column, "Anything else?", tool=tool)
    assert columns_of(found) == {"q_care": column.name} and found.found["q_care"].why == why
    assert found.found["q_care"].likeness == 1


def test_a_name_counts_before_a_text():
    found = match(DescribedColumn("q_care", question="?"), "Someone here asks how my week went.")
    assert columns_of(found) == {"q_care": "q_care"}


@pytest.mark.parametrize(
    "question",
    [
        "How is it? - Someone here asks how my week went.",
        "How is it?-Someone here asks how my week went.",
        "How is it? [Someone here asks how my week went.]",
        "12. SOMEONE here asks <b>how</b> my week went",
        "Q12) Someone here asks how\u00a0my week went\u2026",
    ],
)
def test_a_stem_a_number_markup_and_case_do_not_count(question):
    assert match(question).found["q_care"].likeness == 1


def test_a_changed_word_is_a_guess_that_says_how_alike_and_to_what():
    one = match("Someone here asks how my day went.").found["q_care"]
    assert 0.75 < one.likeness < 1 and one.wording == WORDING["q_care"][0]


@pytest.mark.parametrize(
    ("question", "wording"),
    [
        ("I do not feel safe in the hallways.", "I feel safe in the hallways."),
        ("I feel unsafe in the hallways.", "I feel safe in the hallways."),
        ("I don't feel safe in the hallways.", "I feel safe in the hallways."),
        ("Je ne me sens pas bien à l'école.", "Je me sens bien à l'école."),
        ("Students here disagree kindly.", "Students here agree kindly."),
    ],
)
def test_a_text_that_says_the_opposite_is_never_like_it(question, wording):
    assert likeness(question, wording, 0.5) == 0


def test_two_columns_that_are_close_are_both_told_and_neither_is_chosen():
    found = match("Someone here asks how my day went.", "Someone here asks how my year went.")
    assert found.found == {}
    assert {one.column.name for one in found.close["q_care"]} == {
        "Someone here asks how my day went.", "Someone here asks how my year went.",
    }  # fmt: skip


def test_the_same_words_count_before_words_that_are_only_close():
    found = match("Someone here asks how my week went.", "Someone here asks how my weeks went.")
    assert columns_of(found) == {"q_care": "Someone here asks how my week went."}


def test_the_same_question_asked_twice_is_not_chosen_between():
    text = WORDING["q_team"][0]
    found = match(DescribedColumn("Q1", question=text), DescribedColumn("Q2", question=text))
    assert found.found == {} and len(found.close["q_team"]) == 2


def test_a_column_goes_to_one_item_only():
    items = [Item(id="a", options="x"), Item(id="b", options="x")]
    wording = {"a": ("We help each other here.",), "b": ("We help each other out.",)}
    columns = [DescribedColumn("Q1", question="We help each other here.")]
    assert columns_of(match_items(items, columns, wording, "csv")) == {"a": "Q1"}


def test_free_writing_and_the_order_of_display_are_never_an_item_by_their_text():
    text = WORDING["q_care"][0]
    assert match(DescribedColumn("Q1", question=text, kind="text")).found == {}


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_have_a_likeness_and_a_text_is_like_itself(one, other):
    assert 0 <= likeness(one, other, 0.75) <= 1
    assert likeness(one, one, 0.75) in (0, 1)
