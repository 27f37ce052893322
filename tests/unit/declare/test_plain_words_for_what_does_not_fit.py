"""What does not fit in a YAML file is told in plain words, without those of the library that found it."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Literal

import pytest
from pydantic import Field

from connectedness.declare.columns import ColumnMap
from connectedness.declare.source import Frozen, Source
from connectedness.errors import DeclarationError

OF_THE_LIBRARY = re.compile(
    r"validation|dictionary|input should|\bstr\b|\bint\b|valid |string|integer|tuple|instance|model|\bparse"
    r"|extra inputs|field required|literal|enumeration|isoformat",
    re.IGNORECASE,
)


class Colour(Enum):
    RED = "red"


class Inner(Frozen):
    """A block."""

    name: str


class Everything(Frozen):
    """One key of each kind."""

    must: int
    whole: Annotated[int, Field(ge=1, le=9)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    yes: bool = True
    day: date | None = None
    moment: datetime | None = None
    words: str = ""
    named: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")] = "a"
    pattern: Annotated[str, Field(pattern="^x$")] = "x"
    short: Annotated[str, Field(min_length=1, max_length=3)] = "a"
    some: Annotated[tuple[str, ...], Field(min_length=1)] = ("a",)
    three: Annotated[list[str], Field(min_length=3, max_length=4)] = []
    by_name: Annotated[dict[str, int], Field(min_length=1)] = {}
    block: Inner | None = None
    which: Literal["one", "two"] = "one"
    colour: Colour = Colour.RED
    nothing: None = None


@pytest.mark.parametrize(
    ("line", "problem", "allowed"),
    [
        ("whole: 3", "key is missing", "must be there"),
        ("must: 1\nwords_: a", "not known", "words"),
        ("must: x", "whole number was expected", "such as 3"),
        ("must: 1.5", "whole number was expected", "such as 3"),
        ("must: [1]", "whole number was expected", "such as 3"),
        ("must: 1\nwhole: 0", "too small", "1 or more"),
        ("must: 1\nwhole: 10", "too large", "9 or less"),
        ("must: 1\nshare: x", "a number was expected", "such as 0.5"),
        ("must: 1\nshare: 0", "too small", "more than 0"),
        ("must: 1\nshare: 1", "too large", "less than 1"),
        ("must: 1\nyes: perhaps", "true or false was expected", "true or false"),
        ("must: 1\nday: tomorrow", "a date was expected", "2026-10-05"),
        ('must: 1\nday: "2026-13-01"', "a date was expected", "2026-10-05"),
        ("must: 1\nmoment: noon", "a date and a time", "T09"),
        ("must: 1\nwords: 3", "text was expected", "text"),
        ("must: 1\nwords: [a]", "text was expected", "text"),
        ("must: 1\nnamed: A b", "not written as a name", "lower-case"),
        ("must: 1\npattern: a", "another text was expected", None),
        ('must: 1\nshort: ""', "is empty", "at least one letter"),
        ("must: 1\nshort: abcd", "too long", "at most 3 letters"),
        ("must: 1\nsome: []", "is empty", "at least one entry"),
        ("must: 1\nsome: a", "a list was expected", "- "),
        ("must: 1\nthree: [a]", "too short", "at least 3 entries"),
        ("must: 1\nthree: a", "a list was expected", "- "),
        ("must: 1\nby_name: {}", "is empty", "at least one entry"),
        ("must: 1\nby_name: a", "a block of keys was expected", "KEY: VALUE"),
        ("must: 1\nblock: a", "a block of keys was expected", "KEY: VALUE"),
        ("must: 1\nblock: {}", "key is missing", "must be there"),
        ("must: 1\nwhich: three", "none of the words", "'one' or 'two'"),
        ("must: 1\ncolour: blue", "none of the words", "'red'"),
        ("must: 1\nnothing: a", "nothing was expected", "nothing"),
        ("- a", "a block of keys was expected", "KEY: VALUE"),
    ],
)
def test_each_complaint_is_told_in_plain_words(tmp_path, line, problem, allowed):
    with pytest.raises(DeclarationError) as met:
        Source(tmp_path / "x.yaml", line).parse(Everything)
    error = met.value
    assert problem in error.problem and (allowed is None or allowed in str(error.allowed))
    assert not OF_THE_LIBRARY.search(f"{error.problem} {error.allowed or ''} {error.todo or ''}"), str(error)


def test_a_column_map_without_items_says_what_to_write(tmp_path):
    with pytest.raises(DeclarationError, match="names no item: write each under items, with its column") as met:
        Source(tmp_path / "m.yaml", "confirmed: true\nitems: {}\n").parse(ColumnMap)
    assert met.value.key == "items" and not OF_THE_LIBRARY.search(met.value.problem)
