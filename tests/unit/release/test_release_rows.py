"""Restricted-use rows: this project's own pseudonyms, codes kept, nothing that says when or from where."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from unit.release.release_examples import SURVEY, small_project, small_responses, small_roster, small_scores

from connectedness.errors import ConnectednessError, ContractError, DisclosureError
from connectedness.identity import TEST_KEY
from connectedness.release.open import open_release
from connectedness.release.rows import assemble_rows
from connectedness.release.sav import write_sav
from connectedness.release.write_rows import write_rows

WAVES = ["2025-fall", "2026-fall"]


def tables(project):
    responses = pd.concat([small_responses(project, wave) for wave in WAVES], ignore_index=True)
    return responses, small_scores(responses), small_roster(responses)


def assembled(project, name="peer-study", **more):
    responses, scores, roster = tables(project)
    return assemble_rows(project, WAVES, responses, scores, more.pop("roster", roster), TEST_KEY, name, **more)


def made_safe(project, name="peer-study", **more):
    frame = assembled(project, name).frame
    blanked = frame.assign(group=frame["group"].where(frame["group"] != "south"))
    return SimpleNamespace(**{"frame": blanked, "blanked": {"group": 60}, "dropped": [], "k": 5, **more})


def test_no_pseudonym_is_the_internal_one_and_two_projects_share_none(tmp_path):
    project = small_project(tmp_path)
    internal = set(tables(project)[0]["respondent"])
    one, two = (set(assembled(project, name).frame["respondent"]) for name in ("peer-study", "mentor-study"))
    assert len(one) == len(two) == len(internal) == 60
    assert not one & two and not (one | two) & internal


def test_a_student_is_the_same_in_both_waves_and_rows_are_in_the_order_of_a_keyed_hash(tmp_path):
    frame = assembled(small_project(tmp_path)).frame
    assert frame["respondent"].is_monotonic_increasing
    assert frame.groupby("respondent")["wave"].agg(list).map(tuple).unique().tolist() == [tuple(WAVES)]


def test_nothing_leaves_that_says_when_from_where_or_on_a_sensitive_item(tmp_path):
    project = small_project(tmp_path)
    columns = set(assembled(project).frame.columns)
    assert "hr_gender" in tables(project)[0] and "hr_gender" not in columns
    assert not columns & {"started_at", "submitted_at", "source", "source_row", "student", "grade"}


def test_how_long_it_took_leaves_only_where_its_contract_says_so(tmp_path):
    project = small_project(tmp_path)
    assert assembled(project).classification["duration_s"] == "internal"
    told = assembled(project, classes={"duration_s": "restricted-use"})
    assert told.classification["duration_s"] == "restricted-use" and (told.frame["duration_s"] == 600).all()


def test_codes_stay_as_given_and_missing_ones_say_why(tmp_path):
    project = small_project(tmp_path)
    frame, responses = assembled(project).frame, tables(project)[0]
    item = "hr_bel_hide"
    assert frame[item].value_counts().to_dict() == responses.loc[responses[item] >= 0, item].value_counts().to_dict()
    kinds = {-1: "skipped", -2: "not_asked", -3: "dont_know", -4: "invalid"}
    expected = responses.loc[responses[item] < 0, item].map(kinds).value_counts().to_dict()
    assert frame[f"{item}__missing"].value_counts().to_dict() == expected
    assert (frame[item].isna() == frame[f"{item}__missing"].notna()).all()
    assert (frame[item].dropna() + frame[f"{item}_r"].dropna() == 6).all()  # a negative item of codes 1 to 5
    assert "hr_adults_r" not in frame and "hr_adults__missing" in frame


def test_answers_and_scores_stay_with_their_student(tmp_path):
    project = small_project(tmp_path)
    responses, scores, roster = tables(project)
    shuffled = scores.sample(frac=1, random_state=3)
    frame = assemble_rows(project, WAVES, responses, shuffled, roster, TEST_KEY, "peer-study").frame
    joined = responses.merge(scores, on=["wave", "respondent"]).merge(
        roster.rename(columns={"student": "respondent"})[["wave", "respondent", "group"]], on=["wave", "respondent"]
    )
    items = ["hr_bel_part", "hr_adults", "hr_peer_kind"]
    facts = ["wave", "school", "group", "hr_belonging", *items]
    expected = joined.assign(**{item: joined[item].where(joined[item] >= 0).astype("Int16") for item in items})
    key = ["wave", "school", "group", *items, "hr_belonging"]
    pd.testing.assert_frame_equal(
        frame[facts].sort_values(key, ignore_index=True),
        expected[facts].sort_values(key, ignore_index=True),
        check_dtype=False,
    )


def test_the_attention_flag_is_empty_for_those_who_did_not_answer_it(tmp_path):
    project = small_project(tmp_path)
    answers = tables(project)[0]["hr_attention"]
    flag = assembled(project).frame["attention_missed"]
    counts = (int((answers == 4).sum()), int(((answers >= 0) & (answers != 4)).sum()), int((answers < 0).sum()))
    assert ((flag == 0).sum(), (flag == 1).sum(), flag.isna().sum()) == counts


def test_the_roster_says_the_groups_and_the_grade_gives_its_band(tmp_path):
    frame = assembled(small_project(tmp_path)).frame
    assert frame["group"].value_counts().to_dict() == {"north": 60, "south": 60}
    assert frame["grade_band"].value_counts().to_dict() == {"g4_6": 60, "g7_9": 60}


def test_an_anonymous_survey_takes_groups_from_answers_alone(tmp_path):
    project = small_project(tmp_path, SURVEY.replace("identity: {token: student_token}\n", ""))
    made = assembled(project)
    assert "group" not in made.frame and made.quasi_identifiers == ("wave", "school", "grade_band", "learning_mode")


def test_quasi_identifiers_are_as_the_policy_lists_them_and_a_contract_can_keep_one_in(tmp_path):
    listed = "policy: {rows: {k: 6, quasi_identifiers: [school, grade]}}\n"
    made = assembled(small_project(tmp_path, SURVEY + listed))
    assert made.quasi_identifiers == ("wave", "school", "grade")
    assert made.classification["grade"] == "quasi-identifier" and "group" not in made.frame
    kept = assembled(small_project(tmp_path / "b"), classes={"group": "internal", "respondent": "internal"})
    assert "group" not in kept.frame and kept.classification["respondent"] == "restricted-use"


def test_points_are_those_of_the_instrument_that_the_rows_wave_pinned(tmp_path):
    folder = tmp_path / "instruments"
    folder.mkdir()
    text = (
        "id: tiny\nversion: {v}\ntitle: {{en: T}}\nstanding: {{en: S}}\nsource: [us]\n"
        "licence: {{tier: A, terms: free}}\n"
        "option_sets: {{o: {{expresses: x, options: [{{code: 1}}, {{code: 2}}]}}}}\n"
        "items: [{{id: q, options: o, polarity: {p}}}]\n"
        "scales: [{{id: tiny_q, title: {{en: Q}}, description: {{en: Q}}, items: [q], min_answered: 1}}]\n"
    )
    for version, polarity in ((1, "positive"), (2, "negative")):
        (folder / f"tiny{version}.yaml").write_text(text.format(v=version, p=polarity), encoding="utf-8")
    survey = (
        "id: s\ntitle: {en: S}\nsynthetic: true\ninstruments: [tiny@2]\nwaves:\n"
        "  - {id: w1, window: [2025-01-01, 2025-01-02], files: [x], map: {items: {q: Q}}, instruments: [tiny@1]}\n"
        "  - {id: w2, window: [2026-01-01, 2026-01-02], files: [x], map: {items: {q: Q}}}\n"
    )
    project = small_project(tmp_path, survey)
    responses = pd.DataFrame({"wave": ["w1", "w2"], "respondent": ["p", "q"], "school": "a", "q": [2, 2]})
    made = assemble_rows(project, ["w1", "w2"], responses, responses[["wave", "respondent"]], None, TEST_KEY, "x")
    assert made.frame.set_index("wave")["q_r"].to_dict() == {"w1": 2, "w2": 1}


@pytest.mark.parametrize("name", ["", "Peer Study", "../x", "con", "a/b", "étude"])
def test_a_name_that_cannot_stand_in_a_folders_name_is_refused(tmp_path, name):
    with pytest.raises(ConnectednessError, match="folder's name"):
        assembled(small_project(tmp_path), name)


def test_a_respondent_twice_or_without_scores_stops(tmp_path):
    project = small_project(tmp_path)
    responses, scores, roster = tables(project)
    with pytest.raises(ContractError, match="1 rows"):
        twice = pd.concat([responses, responses.iloc[:1]])
        assemble_rows(project, WAVES, twice, scores, roster, TEST_KEY, "x")
    with pytest.raises(ContractError, match="scores"):
        assemble_rows(project, WAVES, responses, scores.iloc[1:], roster, TEST_KEY, "x")


def test_the_spss_file_reads_back_as_the_parquet_with_its_labels(tmp_path):
    project = small_project(tmp_path)
    folder = write_rows(project.store, project, "peer-study", made_safe(project))
    rows = open_release(folder).rows
    kept, meta = pyreadstat.read_sav(folder / "rows.sav", user_missing=True)
    plain, _ = pyreadstat.read_sav(folder / "rows.sav")
    missing = [name for name in rows if name.endswith("__missing")]
    assert list(plain.columns) == [name for name in rows if name not in missing]
    for name in plain:
        if pd.api.types.is_numeric_dtype(rows[name].dtype):
            np.testing.assert_array_equal(
                plain[name].to_numpy(), rows[name].astype("Float64").to_numpy("float64", na_value=np.nan)
            )
        else:
            assert plain[name].fillna("").tolist() == rows[name].fillna("").tolist()
    codes = {"skipped": -1, "not_asked": -2, "dont_know": -3, "invalid": -4}
    for name in missing:
        item = name.removesuffix("__missing")
        told = rows[name].map(codes)
        np.testing.assert_array_equal(kept.loc[told.notna(), item].to_numpy(), told.dropna().to_numpy())
    assert meta.missing_ranges["hr_bel_hide"] == [{"lo": -4.0, "hi": -1.0}]
    assert meta.variable_value_labels["hr_bel_hide"][5.0] == "Strongly agree"
    assert meta.variable_value_labels["hr_bel_hide_r"][1.0] == "Strongly agree"
    assert meta.variable_value_labels["hr_bel_hide"][-3.0] == "Don't know"
    assert meta.original_variable_types["hr_bel_hide"] == "F2.0"
    assert meta.variable_measure["hr_bel_hide"] == "ordinal" and meta.variable_measure["hr_belonging"] == "scale"
    assert (
        meta.column_names_to_labels["hr_bel_hide"]
        == project.instruments("2026-fall")[0].item_by_id["hr_bel_hide"].text.en
    )
    assert (meta.creation_time.year, meta.creation_time.hour) == (1970, 0)


def test_labels_too_long_for_spss_are_cut_at_a_letter_and_a_column_without_values_stays(tmp_path):
    frame = pd.DataFrame({"x": pd.array([pd.NA], dtype="Int16"), "g": pd.array([None], dtype="str"), "s": [np.nan]})
    label = {"en": "é" * 300}
    base = {"description": label, "item": None, "scale": None}
    variables = [
        {"name": "x", "type": "integer", "role": "points", "codes": [{"code": 1, "label": label}], **base},
        {"name": "g", "type": "string", "role": "group", "codes": [], **base},
        {"name": "s", "type": "number", "role": "score", "codes": [], **base},
    ]
    write_sav(tmp_path / "x.sav", frame, variables, "é" * 80, "en")
    back, meta = pyreadstat.read_sav(tmp_path / "x.sav")
    assert meta.column_names_to_labels["x"] == "é" * 127 and meta.variable_value_labels["x"][1.0] == "é" * 60
    assert meta.original_variable_types["x"] == "F2.0" and meta.original_variable_types["s"] == "F8.3"
    assert back["x"].isna().all() and back["g"].tolist() == [""]


def test_the_folder_says_what_was_blanked_and_is_named_for_its_project(tmp_path):
    project = small_project(tmp_path)
    folder = write_rows(project.store, project, "peer-study", made_safe(project, dropped=["grade"]))
    release = open_release(folder)
    assert folder.name == f"rows-peer-study-{release.manifest['hash']}" and folder.parent.name == "releases"
    assert release.manifest["blanked"] == {"group": 60} and release.manifest["dropped"] == ["grade"]
    assert release.kind == "rows" and release.manifest["waves"] == WAVES
    with pytest.raises(ConnectednessError, match="holds rows, not estimates"):
        _ = release.estimates
    text = (folder / "codebook.json").read_text(encoding="utf-8") + (folder / "datapackage.json").read_text("utf-8")
    assert not [item for item in project.instruments("2026-fall")[0].module_of if item in text]


def test_the_same_rows_give_the_same_folder_and_other_rows_another(tmp_path):
    one, two = small_project(tmp_path / "1"), small_project(tmp_path / "2")
    first, again, elsewhere = (write_rows(p.store, p, "peer-study", made_safe(p)) for p in (one, one, two))
    assert first == again and first.name == elsewhere.name
    assert contents(first) == contents(elsewhere)
    assert write_rows(one.store, one, "peer-study", made_safe(one, k=7)).name != first.name


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("column", "values"),
    [("source_row", 3), ("hr_gender", 1), ("when", pd.Timestamp("2026-10-06"))],
)
def test_a_column_that_can_never_leave_is_refused_even_in_safe_rows(tmp_path, column, values):
    project = small_project(tmp_path)
    safe = made_safe(project)
    safe.frame[column] = values
    with pytest.raises(DisclosureError, match=column):
        write_rows(project.store, project, "peer-study", safe)
    assert not list((project.store).glob("releases/rows-*"))


def test_rows_that_were_not_made_safe_are_refused(tmp_path):
    project = small_project(tmp_path)
    with pytest.raises(ConnectednessError, match="made safe"):
        write_rows(project.store, project, "peer-study", assembled(project).frame)
    with pytest.raises(DisclosureError, match="too few"):
        write_rows(project.store, project, "peer-study", made_safe(project, k=2))
