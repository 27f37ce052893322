"""The synthetic district against a naive reader: plain pandas, knowing only what the files and declarations say."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectedness.declare.project import check_declarations, open_project
from connectedness.synth import make_district

NEGATIVE = ("hr_bel_outside", "hr_bel_hide")
BELONGING = ("hr_bel_accepted", "hr_bel_included", "hr_bel_valued", "hr_bel_part", *NEGATIVE)


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


class NaiveReader:
    """Finds defects in one export, each kind on its own, as a person with a spreadsheet would."""

    def __init__(self, root: Path, wave: str, file: str):
        self.survey = yaml.safe_load((root / "survey.yaml").read_text(encoding="utf-8"))
        self.map = yaml.safe_load((root / "maps/export.yaml").read_text(encoding="utf-8"))
        self.wave = wave
        self.rows = read(root / "inbox" / wave / file)
        self.roster = read(root / "inbox" / wave / "roster.csv")
        self.items = {
            item: (one, {}) if isinstance(one, str) else (one["column"], one["codes"])
            for item, one in self.map["items"].items()
        }
        self.answers = self.rows[[column for column, _ in self.items.values()]]
        self.kinds = pd.DataFrame({item: self._kind(item) for item in self.items})

    def _kind(self, item: str) -> pd.Series:
        column, words = self.items[item]
        cells = self.rows[column]
        allowed = list(words) or [str(code) for code in (range(4) if item == "hr_adults" else range(1, 6))]
        kind = pd.Series("text", index=cells.index)
        kind[cells.str.fullmatch(r"-?\d+")] = "code"
        kind[cells.isin(allowed)] = "good"
        kind[cells.isin(["", "-99"])] = "skipped"
        return kind

    def flags(self) -> pd.DataFrame:
        rows = self.rows
        bad = self.kinds.isin(["code", "text"]).sum(axis=1)
        found = pd.DataFrame(
            {
                "preview": rows["Status"] == "Survey Preview",
                "other_wave": rows["Wave"] != self.wave,
                "blank": (self.kinds == "skipped").all(axis=1),
                "incomplete": rows["Finished"] == "False",
                "no_id": rows["student_token"] == "",
                "unknown_school": ~rows["School"].isin(list(self.survey["schools"])),
                "not_on_roster": (rows["student_token"] != "")
                & ~rows["student_token"].isin(self.roster["student_token"]),
                "too_many_bad_items": bad > 3,
                "some_bad_items": (bad > 0) & (bad <= 3),
            }
        )
        found["duplicate"] = self._not_the_last_complete(rows)
        return found

    @staticmethod
    def _not_the_last_complete(rows: pd.DataFrame) -> pd.Series:
        with_token = rows[(rows["student_token"] != "") & (rows["Finished"] == "True")]
        counts = with_token.sort_values("EndDate").groupby("student_token").tail(1).index
        return pd.Series(rows.index.isin(with_token.index.difference(counts)), index=rows.index)

    def bad_items(self, rows: pd.Series) -> dict:
        kinds = self.kinds[rows]
        counted = pd.DataFrame({kind: (kinds == kind).sum() for kind in ("code", "text")})
        return counted[counted.any(axis=1)].to_dict("index")


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    return make_district(tmp_path_factory.mktemp("district") / "maple", students=3000, schools=12, waves=3, seed=5)


def planted_in(root: Path):
    for file in sorted((root / "planted").glob("*/planted.json")):
        yield file.parent.name, json.loads(file.read_text(encoding="utf-8"))


def must_match(root: Path, wave: str, file: str, planted: dict) -> None:
    """Demand that a naive reader finds exactly what is planted in a file, and no row with two defects."""
    reader = NaiveReader(root, wave, file)
    flags = reader.flags()
    assert (flags.sum(axis=1) <= 1).all()
    found = flags.sum().to_dict()
    found.pop("some_bad_items")
    assert found == {**planted["quarantined"], **planted["excluded"]}
    for rule, numbers in planted["row_numbers"].items():
        at = flags[rule] if rule in flags else flags["some_bad_items"]
        assert set(numbers) <= set(at[at].index + 2)
    aside = flags.drop(columns="some_bad_items").any(axis=1)
    assert len(reader.rows) == planted["rows"]
    assert int((~aside).sum()) == planted["accepted"]
    assert reader.bad_items(~aside) == planted["bad_items"]
    assert reader.bad_items(aside) == planted["bad_items_in_quarantined_rows"]
    assert flags.any(axis=1).mean() < 0.05


def test_a_naive_reader_finds_exactly_the_planted_defects(district):
    for wave, planted in planted_in(district):
        assert {path.name for path in (district / "inbox" / wave).glob("export-*.csv")} == set(planted["files"])
        for file, one in planted["files"].items():
            must_match(district, wave, file, one)


def test_every_kind_of_defect_is_planted_in_every_wave(district):
    for _, planted in planted_in(district):
        account = planted["files"]["export-in-person.csv"]
        assert all(account["quarantined"].values())
        assert all(account["excluded"].values())
        assert {"bad_code", "bad_text"} <= set(account["row_numbers"])


def test_defects_are_one_or_two_rows_in_a_hundred(tmp_path):
    root = make_district(tmp_path / "d", waves=1)
    (_, planted), *_ = planted_in(root)
    one = planted["files"]["export-in-person.csv"]
    assert 0.01 < sum(map(len, one["row_numbers"].values())) / one["rows"] < 0.03


def test_of_a_duplicate_the_last_complete_submission_is_the_one_that_counts(district):
    sorts = set()
    for wave, planted in planted_in(district):
        for file, one in planted["files"].items():
            rows = read(district / "inbox" / wave / file)
            for extra, kept in one["same_student_as"].items():
                other, counts = rows.loc[int(extra) - 2], rows.loc[kept - 2]
                assert other["student_token"] == counts["student_token"]
                assert counts["Finished"] == "True"
                assert other.filter(like="Q").tolist() != counts.filter(like="Q").tolist()
                sorts.add((other["Finished"], other["EndDate"] > counts["EndDate"]))
    assert sorts == {("True", False), ("False", False), ("False", True)}


def test_school_counts_are_what_is_left_in_the_files(district):
    for wave, planted in planted_in(district):
        files = []
        for file in planted["files"]:
            reader = NaiveReader(district, wave, file)
            aside = reader.flags().drop(columns="some_bad_items").any(axis=1)
            files.append(reader.rows.loc[~aside, "School"])
        answered = pd.concat(files).value_counts()
        eligible = read(district / "inbox" / wave / "roster.csv")["school"].value_counts()
        for school, truth in planted["truth"]["schools"].items():
            assert answered.get(school, 0) == truth["respondents"]
            assert eligible[school] == truth["eligible"]


def belonging_by_school(root: Path, wave: str, planted: dict) -> pd.DataFrame:
    frames = []
    for file in planted["files"]:
        reader = NaiveReader(root, wave, file)
        points = pd.DataFrame(
            {item: pd.to_numeric(reader.rows[reader.items[item][0]], errors="coerce") for item in BELONGING}
        ).where(reader.kinds[list(BELONGING)] == "good")
        points[list(NEGATIVE)] = 6 - points[list(NEGATIVE)]
        aside = reader.flags().drop(columns="some_bad_items").any(axis=1)
        frames.append(pd.DataFrame({"school": reader.rows["School"], "score": points.mean(axis=1)})[~aside])
    return pd.concat(frames).groupby("school")["score"].agg(["mean", "var", "count"])


def test_the_school_that_rose_did_rise_and_no_other_so_clearly(district):
    waves = dict(planted_in(district))
    truth = waves["2026-fall"]["truth"]
    before = belonging_by_school(district, "2025-fall", waves["2025-fall"])
    after = belonging_by_school(district, "2026-fall", waves["2026-fall"])
    large = before["count"] > 50
    z = ((after["mean"] - before["mean"]) / (after["var"] / after["count"] + before["var"] / before["count"]) ** 0.5)[
        large
    ]
    assert z.idxmax() == truth["rose"]
    assert z[truth["rose"]] > 4
    assert z.drop(truth["rose"]).abs().max() < 3.5


def test_school_means_follow_the_planted_effects(tmp_path):
    root = make_district(tmp_path / "d", students=20_000, schools=20, waves=1, seed=3)
    ((wave, planted),) = planted_in(root)
    means = belonging_by_school(root, wave, planted)
    means = means[means["count"] > 100]["mean"]
    effects = pd.Series({school: one["effects"]["belonging"] for school, one in planted["truth"]["schools"].items()})
    assert means.corr(effects[means.index]) > 0.9


def test_negative_items_run_against_the_positive_ones(district):
    reader = NaiveReader(district, "2024-fall", "export-in-person.csv")
    codes = pd.DataFrame(
        {item: pd.to_numeric(reader.rows[reader.items[item][0]], errors="coerce") for item in BELONGING}
    ).where(reader.kinds[list(BELONGING)] == "good")
    r = codes.corr()
    positive = [item for item in BELONGING if item not in NEGATIVE]
    assert (r.loc[positive, list(NEGATIVE)] < -0.2).all(axis=None)
    assert (r.loc[positive, positive] > 0.2).all(axis=None)
    assert r.loc[NEGATIVE[0], NEGATIVE[1]] > 0.2


def test_practices_go_with_belonging_and_with_adults(district):
    reader = NaiveReader(district, "2024-fall", "export-in-person.csv")
    adults = pd.DataFrame(
        {
            item: pd.to_numeric(reader.rows[column], errors="coerce").where(reader.kinds[item] == "good")
            for item, (column, _) in reader.items.items()
            if item.startswith("hr_adult_") or item == "hr_adults"
        }
    )
    number = adults.pop("hr_adults")
    greeted = reader.rows[reader.items["hr_prac_greeted"][0]].map({"Yes": 1.0, "No": 0.0})
    assert greeted.corr(adults.mean(axis=1)) > 0.15
    assert number.corr(adults.mean(axis=1)) > 0.4


def test_two_or_three_answers_in_a_hundred_are_skipped(district):
    reader = NaiveReader(district, "2024-fall", "export-in-person.csv")
    whole = (reader.rows["Finished"] == "True") & ~reader.flags()["blank"]
    assert 0.02 < (reader.kinds[whole] == "skipped").mean(axis=None) < 0.03


def test_the_planned_schools_are_there(district):
    for wave, planted in planted_in(district):
        roles = planted["truth"]["by_role"]
        schools = planted["truth"]["schools"]
        assert {role: len(ids) for role, ids in roles.items() if role != "regular"} == dict.fromkeys(
            ("digital", "blended", "tiny", "small", "under_30", "silent"), 1
        )
        number = {role: schools[ids[0]]["respondents"] for role, ids in roles.items()}
        assert 1 <= number["tiny"] < 6
        assert 6 <= number["small"] < 10
        assert number["silent"] == 0
        assert schools[roles["under_30"][0]]["eligible"] < 30
        roster = read(district / "inbox" / wave / "roster.csv")
        online = roster[roster["school"] == roles["digital"][0]]
        assert set(online["learning_mode"]) == {"digital"}
        assert set(roster[roster["school"] == roles["blended"][0]]["learning_mode"]) == {"in_person", "blended"}


def test_some_groups_are_too_small_to_show_and_others_are_not(district):
    roster = read(district / "inbox/2026-fall/roster.csv")
    assert set(roster["group"]) == {"newcomer", "not_newcomer", "not_said"}
    newcomers = (
        roster[roster["group"] == "newcomer"]["school"].value_counts().reindex(roster["school"].unique()).fillna(0)
    )
    assert (newcomers < 6).any()
    assert (newcomers > 20).any()


def test_response_rates_differ_between_schools(district):
    _, planted = list(planted_in(district))[-1]
    rates = [
        one["respondents"] / one["eligible"] for one in planted["truth"]["schools"].values() if one["eligible"] > 100
    ]
    assert 0.45 < min(rates) < max(rates) < 0.97
    assert max(rates) - min(rates) > 0.1


def test_students_move_up_a_grade_and_keep_their_token(district):
    earlier, later = (read(district / f"inbox/{year}-fall/roster.csv") for year in (2025, 2026))
    both = earlier.merge(later, on="student_token", suffixes=("", "_later"))
    assert len(both) > 0.4 * len(later)
    assert (both["grade_later"].astype(int) == both["grade"].astype(int) + 1).all()
    assert (both["school"] == both["school_later"]).all()
    assert (both["LastName"] == both["LastName_later"]).all()
    assert later["student_token"].is_unique


def test_what_must_be_dropped_is_in_the_inbox_and_not_in_the_map(district):
    used = {column for column, _ in NaiveReader(district, "2026-fall", "export-digital.csv").items.values()}
    header = set(read(district / "inbox/2026-fall/export-digital.csv"))
    private = {"LastName", "FirstName", "Email", "IPAddress", "Latitude", "Longitude", "Comments"}
    assert private <= header
    named = (district / "maps/export.yaml").read_text()
    assert not private & used
    assert not any(one in named for one in private)


def test_identifiers_to_look_for_are_listed_and_are_in_no_declaration(district):
    _, planted = list(planted_in(district))[-1]
    inbox = "".join(path.read_text(encoding="utf-8") for path in (district / "inbox/2026-fall").glob("*.csv"))
    declared = "".join((district / name).read_text(encoding="utf-8") for name in ("survey.yaml", "maps/export.yaml"))
    assert len(planted["identifiers"]) > 20
    assert all(one in inbox and one not in declared for one in planted["identifiers"])


def test_declarations_hold_and_the_last_wave_is_open(district):
    project = open_project(district)
    check_declarations(project)
    assert [wave.closed for wave in project.survey.waves] == [True, True, False]
    assert project.survey.synthetic
    assert all(text.fr for text in project.schools.values())


@pytest.mark.long
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    students=st.integers(30, 300), schools=st.integers(1, 6), waves=st.integers(1, 3), seed=st.integers(0, 2**32 - 1)
)
def test_districts_of_any_small_size_hold(students, schools, waves, seed):
    with tempfile.TemporaryDirectory() as folder:
        root = make_district(folder, students=students, schools=schools, waves=waves, seed=seed)
        check_declarations(open_project(root))
        seen = list(planted_in(root))
        assert len(seen) == waves
        for wave, planted in seen:
            roster = read(root / "inbox" / wave / "roster.csv")
            assert len(roster) == students == planted["roster_rows"]
            assert roster["school"].nunique() == schools
            assert planted["files"]
            for file, one in planted["files"].items():
                must_match(root, wave, file, one)
