"""Denominators of every example, counted a second time with nothing but pandas and plain loops."""

from collections import Counter

import pandas as pd
import pytest
from unit.ingest.roster_examples import DAY, EXAMPLES, RosterProject, counts

SPELLED = {"KG": "K", "01": "1", "04": "4", "05": "5", "06": "6", "07": "7", "08": "8", "09": "9"}


@pytest.fixture
def roster(tmp_path):
    return RosterProject(tmp_path)


def table(folder: str, name: str) -> pd.DataFrame:
    return pd.read_csv(EXAMPLES / folder / name, dtype="str", keep_default_na=False, encoding="utf-8-sig")


def enrolled(folder: str) -> pd.DataFrame:
    """Student lines of the day at an active school of orgs.csv."""
    orgs, lines = table(folder, "orgs.csv"), table(folder, "enrollments.csv")
    schools = set(orgs[(orgs["type"] == "school") & (orgs["status"] == "")]["sourcedId"])
    lines = lines[(lines["role"] == "student") & (lines["status"] == "") & lines["schoolSourcedId"].isin(schools)]
    lines = lines[~lines["beginDate"].str.contains("/")]
    return lines[(lines["beginDate"] <= DAY) & ((lines["endDate"] == "") | (lines["endDate"] > DAY))]


def most_classes(lines: pd.DataFrame) -> str:
    classes = Counter()
    for school, _ in set(zip(lines["schoolSourcedId"], lines["classSourcedId"], strict=True)):
        classes[school] += 1
    return min(classes, key=lambda school: (-classes[school], school))


def expected_oneroster(folder: str, id_of, home_of) -> dict[tuple[str, str], int]:
    lines, found = enrolled(folder), {}
    users = table(folder, "users.csv")
    of_student: dict[str, list[pd.Series]] = {}
    for _, user in users.iterrows():
        if user["status"] == "" and (lines["userSourcedId"] == user["sourcedId"]).any() and id_of(user):
            of_student.setdefault(id_of(user), []).append(user)
    for token, records in of_student.items():
        ids = [user["sourcedId"] for user in records]
        own = lines[lines["userSourcedId"].isin(ids)]
        homes = {home for user in records if (home := home_of(user))}
        at_home = own[own["schoolSourcedId"].isin(homes)]
        school = next(iter(homes)) if len(homes) == 1 else most_classes(at_home if len(at_home) else own)
        there = set(own[own["schoolSourcedId"] == school]["userSourcedId"]) or set(ids)
        found[token] = (school, next(user["grades"] for user in records if user["sourcedId"] in there))
    kept = [(school, SPELLED.get(grade, "unknown")) for school, grade in found.values() if grade not in ("PK", "XX")]
    return dict(Counter(kept))


def test_oneroster_1_2(roster):
    roles = table("oneroster-1.2", "roles.csv")
    student = roles[roles["role"] == "student"]
    primary = student[student["roleType"] == "primary"].set_index("userSourcedId")["orgSourcedId"].to_dict()
    with_other_roles = set(roles["userSourcedId"]) - set(student["userSourcedId"])

    def id_of(user):
        if user["sourcedId"] in with_other_roles:
            return ""
        return user["userIds"].partition("{studentUniqueId:")[2].partition("}")[0]

    def home_of(user):
        return primary.get(user["sourcedId"]) or user["primaryOrgSourcedId"]

    assert counts(roster.oneroster("1.2").read()) == expected_oneroster("oneroster-1.2", id_of, home_of)


def test_oneroster_1_1(roster):
    def id_of(user):
        return user["sourcedId"] if user["role"] == "student" and user["orgSourcedIds"] != "sP" else ""

    expected = expected_oneroster("oneroster-1.1", id_of, lambda user: "")
    assert counts(roster.oneroster("1.1", district="d1").read()) == expected


def test_a_folder_is_read_as_a_zip_is(roster, tmp_path):
    zipped = roster.oneroster("1.2").read()
    roster.roster["file"] = str(EXAMPLES / "oneroster-1.2")
    unzipped = roster.read()
    pd.testing.assert_frame_equal(unzipped.frame, zipped.frame)
    assert unzipped.account["file"] == "oneroster-1.2/users.csv"


def test_edfi(roster):
    rows = table("edfi", "student_school_associations.csv")
    words = {"Seventh grade": "7", "Eighth grade": "8", "Ninth grade": "9", "Kindergarten": "K", "07": "7"}
    words |= {"Ungraded": "unknown"}
    best: dict[str, tuple] = {}
    for _, row in rows.iterrows():
        entry, left = row["entryDate"], row["exitWithdrawDate"] or "9999"
        if not row["studentUniqueId"] or not row["schoolId"] or "/" in entry or not entry <= DAY < left:
            continue
        rank = (row["primarySchool"] == "true", entry, -int(row["schoolId"]))
        if row["studentUniqueId"] not in best or rank > best[row["studentUniqueId"]][0]:
            grade = words.get(row["entryGradeLevelDescriptor"].partition("#")[2])
            best[row["studentUniqueId"]] = (rank, row["schoolId"], grade)
    expected = Counter((school, grade) for _, school, grade in best.values() if grade)
    assert counts(roster.example("edfi/student_school_associations.csv", "edfi").read()) == dict(expected)


def test_plain(roster):
    found = roster.example("plain/roster.csv", "csv", token="student_token").read()
    first, second = ["K", "K", "K", "1", "7", "7", "7", "7"], ["1", "12", "unknown", "unknown"]
    assert counts(found) == dict(Counter([*(("001", g) for g in first), *(("002", g) for g in second)]))
    assert dict(found.frame["learning_mode"].value_counts()) == {"digital": 6, "in_person": 6}


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_every_record_is_accounted_for(roster, version):
    found = roster.oneroster(version, **({"district": "d1"} if version == "1.1" else {})).read()
    entry = found.account
    assert entry["rows"] == len(table(f"oneroster-{version}", "users.csv"))
    assert entry["rows"] == entry["accepted"] + entry["quarantined"] + sum(entry["excluded"].values())
    assert entry["accepted"] == len(found.frame) == found.frame["student"].nunique()
