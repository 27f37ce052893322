"""Scales are examined on the way: one that runs backwards stops the wave, and forms are scored by their parameters."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from connectedness.declare.project import open_project
from connectedness.errors import ContractError
from connectedness.pipeline import run_wave
from connectedness.release.open import current_release, open_release
from connectedness.research import release_rows
from connectedness.store import report_file

WAVE = "2026-fall"
ITEMS = [f"ST034Q0{i}TA" for i in range(1, 7)]


def turn(root, items):
    """Write the items' codes upside down, as an export with the options in the other order has them."""
    project = open_project(root)
    columns = project.column_map(WAVE).items
    for file in (root / "inbox" / WAVE).glob("export-*.csv"):
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
        for item in items:
            name = columns[item].column
            table[name] = table[name].map(lambda code: str(6 - int(code)) if code in "12345" and code else code)
        table.to_csv(file, index=False, lineterminator="\n")


def test_one_item_that_runs_backwards_stops_the_wave_and_is_named(copy, read_tree):
    before = read_tree(copy / "store" / "releases")
    turn(copy, ["hr_bel_valued"])
    with pytest.raises(ContractError) as caught:
        run_wave(copy, WAVE)
    assert "hr_bel_valued" in str(caught.value) or "valued" in str(caught.value)
    assert caught.value.exit_code == 11
    assert read_tree(copy / "store" / "releases") == before
    assert "stopped" in (copy / "site" / "analyst" / "index.html").read_text(encoding="utf-8").lower()


def test_a_whole_scale_that_runs_backwards_stops_the_wave(copy):
    items = [item.id for item in open_project(copy).instruments(WAVE)[0].items if item.id.startswith("hr_bel")]
    turn(copy, items)
    with pytest.raises(ContractError, match="stopped"):
        run_wave(copy, WAVE)


def test_a_recorded_statement_lets_it_through_and_is_told(copy):
    turn(copy, ["hr_bel_valued"])
    survey = copy / "survey.yaml"
    statement = (
        "statements:\n  - {wave: 2026-fall, check: one_item, what: hr_bel_valued, by: A. Analyst, "
        'reason: "The tool showed this item upside down", date: 2026-11-02}\n'
    )
    survey.write_text(survey.read_text(encoding="utf-8") + statement, encoding="utf-8")
    run_wave(copy, WAVE)
    report = json.loads(report_file(open_project(copy), WAVE).read_text(encoding="utf-8"))
    assert any("valued" in note for note in report["notes"])


def test_the_scores_of_a_wave_say_what_they_were_made_with(district):
    scores = pd.read_parquet(district / "store" / WAVE / "scores.parquet")
    assert scores.attrs["instruments"] == ["healthy-relationships@1"]
    assert "mean" in scores.attrs["methods"] and scores.attrs["parameters"] == []


def test_what_was_found_of_the_scales_is_kept(district):
    scales = pd.read_parquet(district / "store" / WAVE / "scales.parquet")
    alpha = scales[(scales["scale"] == "hr_belonging") & (scales["statistic"] == "alpha")].iloc[0]
    assert 0.6 < alpha["low"] < alpha["value"] < alpha["high"] < 1
    direction = pd.read_parquet(district / "store" / WAVE / "direction.parquet")
    assert set(direction["verdict"]) <= {"ok", "not_checked", "caution"}
    assert {"labels", "one_item", "whole_scale", "last_wave"} == set(direction["check"])
    flags = pd.read_parquet(district / "store" / WAVE / "flags.parquet")
    responses = pd.read_parquet(district / "store" / WAVE / "responses.parquet")
    assert flags["respondent"].tolist() == responses["respondent"].tolist()


def without_careless_answers(root, wave, scale):
    """Scores by school, all of them and those of respondents who are not flagged."""
    store = root / "store" / wave
    scores, flags, responses = (pd.read_parquet(store / f"{one}.parquet") for one in ("scores", "flags", "responses"))
    table = scores[["respondent", scale]].merge(flags[["respondent", "any_flag"]], on="respondent")
    table = table.merge(responses[["respondent", "school"]], on="respondent").dropna(subset=[scale])
    return {unit: (rows[scale], rows.loc[~rows["any_flag"], scale]) for unit, rows in table.groupby("school")}


def seen(now, then, digits):
    low, high = ttest_ind(now, then, equal_var=False).confidence_interval(0.95)
    return np.sign(np.floor(low * 10**digits)) > 0, np.sign(np.ceil(high * 10**digits)) < 0


@pytest.mark.parametrize(("audience", "minimum"), [("internal", 6), ("public", 10)])
def test_whether_a_verdict_rests_on_careless_answers_is_recomputed(district, audience, minimum):
    earlier = open_project(district).earlier(WAVE)[-1].id
    release = open_release(current_release(district / "store", audience))
    shown = release.estimates[release.estimates["wave"] == WAVE]
    assert not shown["measure"].str.contains("unflagged").any()
    assert "careless:hr_supportive_adults" in {one["id"] for one in release.codebook["measures"]}
    rows = shown.set_index(["measure", "unit", "level"])
    scale = "hr_supportive_adults"
    now, then = (without_careless_answers(district, one, scale) for one in (WAVE, earlier))
    changes = shown[(shown["measure"] == f"change:{scale}") & (shown["unit_type"] == "school")]
    for unit in changes.loc[changes["level"] == "all", "unit"]:
        bit, change = (rows.loc[(f"{kind}:{scale}", unit, "all")] for kind in ("careless", "change"))
        (all_now, kept), (all_then, kept_then) = (one.get(unit, ([], [])) for one in (now, then))
        sides = (len(kept), len(kept_then), len(all_now) - len(kept), len(all_then) - len(kept_then))
        if change["status"] == "suppressed" or min(sides) < minimum:
            assert bit["status"] == "suppressed" and pd.isna(bit["value"])
        else:
            digits = 1 if min(len(all_now), len(all_then)) < 30 else 2
            assert bit["value"] == (seen(all_now, all_then, digits) != seen(kept, kept_then, digits))


def test_signs_of_careless_answers_go_to_the_researcher_row_by_row(copy):
    made = release_rows(copy, "peer-study", [WAVE])
    rows = pd.read_parquet(f"{made['folder']}/rows.parquet")
    flags = pd.read_parquet(copy / "store" / WAVE / "flags.parquet")
    assert {"longstring_flag", "mahalanobis_flag", "speed_flag", "duplicates_flag"} <= set(rows)
    assert len(rows) == len(flags)
    assert rows["any_flag"].sum() == flags["any_flag"].sum() > 0
    assert rows["attention_missed"].sum() == flags["attention_flag"].sum() > 0
    codebook = json.loads((Path(made["folder"]) / "codebook.json").read_text(encoding="utf-8"))
    roles = {one["name"]: one["role"] for one in codebook["variables"]}
    assert {roles[name] for name in ("any_flag", "attention_missed")} == {"flag"}


SURVEY = """
id: pisa_2018
title: {en: "PISA 2018", fr: "PISA 2018"}
synthetic: true
units: [country, school]
instruments: [pisa-belonging@1]
schools: {%s}
waves:
  - id: "2018"
    window: [2018-03-01, 2018-12-31]
    files: ["inbox/2018/*.csv"]
    forms: {column: country, forms: {FRA: fra, ITA: international, MEX: international}}
    map:
      format: csv
      columns: {school: CNTSCHID, response_id: CNTSTUID, others: {country: CNT}}
      items: {%s}
"""


def test_a_wave_of_two_forms_gives_the_publisher_s_index(real_data, tmp_path):
    source = real_data / "pisa2018_fra_ita_mex" / "pisa2018_fra_ita_mex.csv"
    (tmp_path / "inbox" / "2018").mkdir(parents=True)
    (tmp_path / "inbox" / "2018" / source.name).write_bytes(source.read_bytes())
    items = ", ".join(f"pisa_{name[:8].lower()}: {name}" for name in ITEMS)
    ids = pd.read_csv(source, usecols=["CNTSCHID"])["CNTSCHID"].unique()
    schools = ", ".join(f'"{one}": {{en: "{one}"}}' for one in ids)
    (tmp_path / "survey.yaml").write_text(SURVEY % (schools, items), encoding="utf-8")
    run_wave(tmp_path, "2018")
    kept = tmp_path / "store" / "2018"
    ours = pd.read_parquet(kept / "scores.parquet")
    file = (
        pd.read_csv(source).iloc[pd.read_parquet(kept / "responses.parquet")["source_row"] - 2].reset_index(drop=True)
    )
    index = file["BELONG"].where(file["BELONG"] < 90)
    assert (ours["pisa_belong_wle"].notna() == index.notna()).all()
    assert np.nanmax(np.abs(ours["pisa_belong_wle"] - index)) <= 0.0025
    assert ours["pisa_belong_wle__se"].isna().all(), "scoring-equivalent parameters give no standard error"
