"""A school's page says whether a verdict rests on careless answers, where that was released, and the rule for all."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from unit.dashboard.made_release import WAVES, make_release
from unit.dashboard.read_page import Page

from connectedness.dashboard import build_site
from connectedness.tables import read_table, write_table

SAME, OTHER = "this verdict would not change", "this verdict would change: read it with care"
RULE = "is said only where, in both surveys, at least 6 students"
MEASURES = ("belonging", "supportive_adults", "respectful_peers")
TOLD = {("101", "belonging"): 1.0, ("101", "supportive_adults"): 0.0, ("105", "belonging"): 0.0}


def add_bits(release: Path) -> None:
    """Bits beside every school's changes; those not in TOLD are hidden."""
    path = release / "estimates" / f"{WAVES[-1]}.parquet"
    frame = read_table(path)
    changes = frame[frame["measure"].isin([f"change:{one}" for one in MEASURES])]
    bits = changes[(changes["unit_type"] == "school") & (changes["breakdown"] == "all")].copy()
    of = bits["measure"].str.removeprefix("change:")
    bits = bits.assign(measure="careless:" + of, method="verdicts", se=None, low=None, high=None)
    bits["value"] = [TOLD.get(one) for one in zip(bits["unit"], of, strict=True)]
    hidden = bits["value"].isna()
    bits = bits.assign(status=bits["status"].mask(hidden, "suppressed"), reason=bits["reason"].mask(hidden, "x"))
    bits.loc[hidden, ["n", "eligible"]] = pd.NA
    write_table(pd.concat([frame, bits.astype(frame.dtypes)], ignore_index=True), path)
    book = json.loads((release / "codebook.json").read_text(encoding="utf-8"))
    for measure in MEASURES:
        entry = next(one for one in book["measures"] if one["id"] == measure)
        more = {"id": f"careless:{measure}", "statistic": "verdict_differs", "kind": "verdict", "unit": "yes_no"}
        book["measures"].append(entry | more | {"range": [0, 1], "of": measure})
    (release / "codebook.json").write_text(json.dumps(book), encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    release = make_release(tmp_path_factory.mktemp("careless"), languages=["en", "fr"])
    add_bits(release)
    out = tmp_path_factory.mktemp("careless_site") / "site"
    build_site(release, out)
    return out


def school(built, unit, page="index.html"):
    return Page(built / "schools" / unit / page).text


def test_each_verdict_of_which_it_is_known_says_so(built):
    text = school(built, "101")
    assert text.count(OTHER) == 1 and text.count(SAME) == 1
    assert school(built, "105").count(SAME) == 1 and OTHER not in school(built, "105")
    french = school(built, "101", "index.fr.html")
    assert "ce constat changerait : à lire avec prudence" in french and "ce constat ne changerait pas" in french


def test_a_school_of_which_nothing_is_told_has_the_same_rule_and_no_more(built):
    text = school(built, "102")
    assert SAME not in text and OTHER not in text
    rules = {one[one.index("Whether a verdict") :].split("Likely")[0] for one in (text, school(built, "101"))}
    assert RULE in text and len({one[:200] for one in rules}) == 1


def test_the_district_says_nothing_of_it(built):
    text = Page(built / "index.html").text
    assert SAME not in text and OTHER not in text and RULE not in text


def test_a_release_without_bits_says_nothing_of_it(site):
    for unit in ("101", "102"):
        text = Page(site / "schools" / unit / "index.html").text
        assert SAME not in text and RULE not in text


def test_the_method_page_tells_what_careless_means(built):
    text = Page(built / "method.html").text
    assert "Answers that look careless" in text and "How many they are is never shown." in text
