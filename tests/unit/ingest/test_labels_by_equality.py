"""Labels become codes by equality alone: case, blanks, dashes, quotes and Unicode form do not count; a word does."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectedness.declare.columns import ColumnMap, ItemColumn
from connectedness.declare.registry import find_instrument
from connectedness.ingest.answers import code_key, read_answers
from connectedness.ingest.cells import column_text

OURS = find_instrument("healthy-relationships@1")
LABELS = {
    option.code: option.label for option in OURS.option_sets["agreement"].options if option.label is not None
}  # fmt: skip


def code(text: str, item: str = "hr_bel_part", codes: dict[str, int] | None = None) -> int:
    """The code that a cell is read as."""
    import pandas as pd

    column = ItemColumn(column="q", codes=codes or {})
    key = code_key(item, OURS, column, ColumnMap(items={item: column}))
    return int(read_answers(column_text(pd.Series([text], dtype="str")), key).codes[0])


@pytest.mark.parametrize(
    "text",
    [
        "Tout à fait d'accord",
        "Tout à fait d\u2019accord",
        "Tout à fait d\u02bcaccord",
        "TOUT À FAIT D\u2019ACCORD",
        "Tout  à\u00a0fait\td'accord ",
        "Tout\u202fà\u2009fait d'accord",
        unicodedata.normalize("NFD", "Tout à fait d'accord"),
        unicodedata.normalize("NFC", "Tout à fait d'accord"),
        "\uff34out à fait d'accord",
    ],
)
def test_how_a_french_label_is_typed_does_not_count(text):
    assert code(text) == 5


@pytest.mark.parametrize(
    "text",
    [
        "Tout a fait d'accord", "Tout à fait daccord", "Strong agree", "Strongly agre", "Agree strongly",
        "Strongly agree!", "5 - Strongly agree", "Strongly  dis agree", "d'accord?", "Agree/Agree",
    ],
)  # fmt: skip
def test_another_word_or_a_lost_letter_is_no_code(text):
    assert code(text) == -4


@pytest.mark.parametrize("dash", list("\u2010\u2011\u2012\u2013\u2014\u2212-"))
def test_a_declared_synonym_counts_whichever_dash_is_drawn(dash):
    assert code(f"5 {dash} strongly AGREE", codes={"5 \u2013 Strongly agree": 5}) == 5
    assert code(f"5{dash}strongly agree", codes={"5 \u2013 Strongly agree": 5}) == -4  # a blank fewer is another text


@pytest.mark.parametrize("quotes", ["“our”", '"our"', "« our »", "„our”"])
def test_a_declared_synonym_counts_whichever_quotes_are_drawn(quotes):
    wanted = {'yes, "our" school': 4, 'yes, " our " school': 4}
    assert code(f"Yes, {quotes} school", codes=wanted) == 4


_SPACES = st.sampled_from([" ", "  ", "\u00a0", "\u2009", "\t"])
_CASES = st.sampled_from([str.upper, str.lower, str.title, str])
_FORMS = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])


@given(st.sampled_from(sorted(LABELS)), st.sampled_from(["en", "fr"]), _SPACES, _CASES, _FORMS)
def test_however_each_label_is_typed_it_is_its_own_code_and_no_other(number, language, space, case, form):
    label = LABELS[number].in_language(language)
    assert code(unicodedata.normalize(form, case(label).replace(" ", space))) == number


@given(st.text(max_size=20))
def test_any_text_is_a_code_that_is_declared_or_none(text):
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    known = {label.in_language(one).casefold() for label in LABELS.values() for one in ("en", "fr")}
    if code(text) > 0:
        assert plain.replace("\u2019", "'") in known or plain.lstrip("+0").partition(".")[0] in "12345"
