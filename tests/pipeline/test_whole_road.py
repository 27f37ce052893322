"""From export files to pages: what was planted is found and nothing else, and nothing leaves that must not."""

from __future__ import annotations

import json
import re
from collections import Counter

import pandas as pd
import pytest

from connectedness import open_release
from connectedness.declare.project import open_project
from connectedness.disclosure.ledger import read as read_ledger
from connectedness.release.open import current_release
from connectedness.store import report_file

WAVES = ("2025-fall", "2026-fall")


def planted(root, wave):
    return json.loads((root / "planted" / wave / "planted.json").read_text(encoding="utf-8"))["files"]


def report(root, wave):
    return json.loads(report_file(open_project(root), wave).read_text(encoding="utf-8"))


@pytest.mark.parametrize("wave", WAVES)
def test_every_planted_defect_is_found_and_no_other(district, wave):
    found = report(district, wave)
    by_file: dict[str, Counter] = {}
    for row in found["quarantine"]:
        if row["table"] == "responses":
            by_file.setdefault(row["file"], Counter())[row["rule"]] += row["n"]
    for file, truth in planted(district, wave).items():
        account = next(one for one in found["files"] if one["file"] == file)
        assert account["rows"] == truth["rows"]
        assert account["accepted"] == truth["accepted"]
        assert {name: n for name, n in account["excluded"].items() if n} == {
            name: n for name, n in truth["excluded"].items() if n
        }
        assert dict(by_file.get(file, {})) == {name: n for name, n in truth["quarantined"].items() if n}


@pytest.mark.parametrize("wave", WAVES)
def test_every_planted_bad_answer_is_counted(district, wave):
    found = Counter()
    for one in report(district, wave)["bad_items"]:
        found[one["file"], one["item"], "text" if "text" in one["kind"] else "code"] += one["n"]
    truth = Counter()
    for file, facts in planted(district, wave).items():
        for cells in (facts["bad_items"], facts["bad_items_in_quarantined_rows"]):
            for item, kinds in cells.items():
                for kind, n in kinds.items():
                    truth[file, item, kind] += n
    assert +found == +truth


@pytest.mark.parametrize("wave", WAVES)
def test_the_row_account_adds_up(district, wave):
    totals = report(district, wave)["totals"]
    assert totals["read"] == totals["accepted"] + totals["quarantined"] + totals["excluded"]
    stored = pd.read_parquet(district / "store" / wave / "responses.parquet")
    assert len(stored) == totals["accepted"]


def identifiers(root):
    """Every token, name, e-mail address and IP address of the exports and rosters."""
    found = set()
    for file in (root / "inbox").rglob("*.csv"):
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
        for column in table.columns:
            if re.search(r"token|name|mail|ip", column, re.IGNORECASE) and "school" not in column.lower():
                found |= {one for one in table[column] if len(one) >= 7 and not one.isalpha()}
    assert len(found) > 500
    return found


def test_no_identifier_gets_past_the_door(district):
    known = identifiers(district)
    for folder in ("store", "site"):
        for file in (district / folder).rglob("*"):
            assert not any(one in file.name for one in known)
            if file.suffix == ".parquet":
                table = pd.read_parquet(file)
                words = set()
                for column in table.select_dtypes(exclude="number"):
                    words |= set(table[column].dropna().astype(str))
                assert not words & known, file
            elif file.is_file() and file.suffix in (".json", ".csv", ".html", ".jsonl", ".cff"):
                words = set(re.split(r"[^\w.@-]+", file.read_text(encoding="utf-8")))
                assert not words & known, file


def test_pseudonyms_stay_in_the_store(district):
    known = set()
    for wave in WAVES:
        known |= set(pd.read_parquet(district / "store" / wave / "responses.parquet")["respondent"])
    for folder in (district / "site", district / "store" / "releases"):
        for file in folder.rglob("*"):
            if file.is_file() and file.suffix in (".json", ".csv", ".html"):
                assert not set(re.findall(r"[a-z2-7]{26}", file.read_text(encoding="utf-8"))) & known


def all_alike(top, schools, left, measure):
    """Whether n times the value, subtracted too, leaves fewer than two students' worth of doubt."""
    mean = top["method"].iloc[0] == "t" and top["value"].iloc[0] > 1
    low, high = (1, 5) if mean else (0, 1)
    above, parts = ((one["value_shown"] - low) / (high - low) * one["n_shown"] for one in (top, schools))
    if top["method"].iloc[0] == "wilson":  # of a share that counts students, rounding hides nothing
        above, parts = above.round(), parts.round()
    above, rest = above.iloc[0], parts.sum()
    pool, whole = above - rest, top["n_shown"].iloc[0]
    near = 2 - 1e-6
    return (pool < near <= above) or (left - pool < near <= whole - above)


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_nothing_under_the_minimum_is_shown_or_can_be_subtracted(district, audience):
    """Take the published schools from the published district, measure by measure: what is left is never a few."""
    shown = open_release(current_release(district / "store", audience)).estimates
    minimum = {"internal": 6, "public": 10}[audience]
    assert (shown["n"].dropna() >= minimum).all()
    checked = 0
    for wave in WAVES:
        truth = pd.read_parquet(district / "store" / wave / "estimates.parquet")
        keys = ["unit_type", "unit", "breakdown", "level", "measure"]
        both = truth.merge(shown[shown["wave"] == wave], on=keys, suffixes=("", "_shown"))
        levels = both[["breakdown", "level", "measure"]].drop_duplicates()
        for breakdown, level, measure in levels.itertuples(index=False):
            cells = both[(both["breakdown"] == breakdown) & (both["level"] == level) & (both["measure"] == measure)]
            top = cells[cells["unit_type"] == "district"]
            schools = cells[cells["unit_type"] == "school"]
            if (
                schools.empty
                or top["n_shown"].isna().all()
                or (schools["n_shown"].isna() & (schools["n"] > 0)).sum() == 0
            ):
                continue
            hidden = schools[schools["n_shown"].isna() & (schools["n"] > 0)]
            left = top["n_shown"].iloc[0] - schools["n_shown"].sum()
            if measure.startswith("change:"):
                continue
            checked += 1
            if not measure.startswith("sd:") and measure != "response_rate":
                assert not all_alike(top, schools, left, measure), (wave, breakdown, level, measure)
            assert len(hidden) >= 2, (wave, breakdown, level, measure)
            assert left >= minimum, (wave, breakdown, level, measure)
    assert checked > 20


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_a_hidden_number_has_nothing_beside_it(district, audience):
    folder = current_release(district / "store", audience)
    shown = open_release(folder).estimates
    hidden = shown[shown["status"] == "suppressed"]
    assert len(hidden)
    assert hidden[["n", "eligible", "value", "se", "low", "high"]].isna().all().all()
    assert set(hidden["reason"]) == {"suppressed"}
    assert not (shown.loc[shown["n"] < 30, "se"]).notna().any()
    assert not ((shown["n"] < 30) & shown["measure"].str.startswith(("sd:", "share:"))).any()


def test_the_school_that_rose_is_said_to_have_risen(district):
    truth = json.loads((district / "planted" / WAVES[-1] / "planted.json").read_text(encoding="utf-8"))
    text = json.dumps(truth)
    rose = re.search(r'"(?:rose|school_that_rose|risen)"\s*:\s*\{?[^}]*?"(\d{3})"', text)
    assert rose, "the planted truth names the school that rose"
    estimates = pd.read_parquet(district / "store" / WAVES[-1] / "estimates.parquet")
    change = estimates[
        (estimates["unit"] == rose.group(1))
        & (estimates["measure"] == "change:belonging")
        & (estimates["level"] == "all")
    ]
    assert change["low"].iloc[0] > 0


def test_every_release_is_in_the_ledger(district):
    names = {one["release"] if isinstance(one, dict) else one.release for one in read_ledger(district / "store")}
    folders = {one.name for one in (district / "store" / "releases").iterdir() if one.is_dir()}
    assert folders <= names


def test_each_page_is_small_and_of_its_own_audience(district):
    for audience in ("internal", "public"):
        pages = list((district / "site" / audience).rglob("*.html"))
        assert any(page.parent.parent.name == "schools" for page in pages)
        assert all(page.stat().st_size < 200_000 for page in pages)
    listed = {one.name for one in (district / "site" / "public" / "schools").iterdir()}
    assert listed <= {one.name for one in (district / "site" / "internal" / "schools").iterdir()}


def test_running_again_changes_no_byte(copy, read_tree):
    from connectedness.pipeline import run_wave

    before = {name: read_tree(copy / name) for name in ("site/internal", "site/public", "store/releases")}
    run_wave(copy, WAVES[-1])
    assert {name: read_tree(copy / name) for name in ("site/internal", "site/public", "store/releases")} == before


def test_an_earlier_wave_is_carried_byte_for_byte(district):
    for audience in ("internal", "public"):
        first, last = (
            next(
                one for one in (district / "store" / "releases").iterdir() if one.name.startswith(f"{wave}-{audience}-")
            )
            for wave in WAVES
        )
        for ending in ("csv", "parquet"):
            name = f"estimates/{WAVES[0]}.{ending}"
            assert (first / name).read_bytes() == (last / name).read_bytes()


@pytest.mark.long
def test_a_published_wave_changes_only_when_reissued(copy):
    from connectedness.errors import DisclosureError
    from connectedness.pipeline import run_wave

    file = next((copy / "inbox" / WAVES[0]).glob("export-in*.csv"))
    lines = file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    file.write_text("".join(lines[: len(lines) - 40]), encoding="utf-8")
    kept = {
        name: (copy / "store" / WAVES[0] / name).read_bytes() for name in ("estimates.parquet", "responses.parquet")
    }
    with pytest.raises(DisclosureError, match="reissue"):
        run_wave(copy, WAVES[0])
    assert kept == {name: (copy / "store" / WAVES[0] / name).read_bytes() for name in kept}
    before = current_release(copy / "store", "internal")
    run_wave(copy, WAVES[0], reissue=True)
    after = current_release(copy / "store", "internal")
    assert after != before
    later = f"estimates/{WAVES[1]}.csv"
    assert (after / later).read_bytes() == (before / later).read_bytes()
