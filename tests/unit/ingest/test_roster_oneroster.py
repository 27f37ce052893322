"""What a OneRoster export says of a student, and what is made of its traps."""

import json

import pytest
from unit.ingest.roster_examples import RosterProject, files_of, levels, of, rules, zipped

from connectedness.errors import ContractError, DeclarationError


@pytest.fixture
def roster(tmp_path):
    return RosterProject(tmp_path)


def stopped(roster, *parts: str, kind=ContractError) -> str:
    with pytest.raises(kind) as caught:
        roster.read()
    for part in parts:
        assert part in str(caught.value)
    return str(caught.value)


def test_who_left_on_the_day_is_out_and_who_came_on_it_is_in(roster):
    found = roster.oneroster().read()
    assert not of(found, "T20") and of(found, "T21") and not of(found, "T22")
    roster.roster["snapshot"] = "2026-10-04"
    found = roster.read()
    assert of(found, "T20") and not of(found, "T21")


def test_an_account_that_is_off_says_nothing_of_enrolment(roster):
    assert of(roster.oneroster().read(), "T25")["school"] == "sA"


def test_a_student_of_two_schools_is_in_one_and_a_note_says_by_what(roster):
    found = roster.oneroster().read()
    schools = {token: of(found, token)["school"] for token in ("T30", "T31", "T32", "T33", "T34")}
    assert schools == {"T30": "sC", "T31": "sC", "T32": "sC", "T33": "sB", "T34": "sC"}
    told = (
        "6 students are in more than one school, and counted once: 2 by their primary role, 1 by primaryOrgSourcedId, "
    )
    assert any(told + "2 by the most classes, 1 by the smallest school id." in note for note in found.notes)


def test_two_records_of_one_student_are_one_student(roster):
    found = roster.oneroster().read()
    assert of(found, "T40")["school"] == "sB"
    assert rules(found)["second_school"] == 1


def test_one_id_twice_in_one_school_is_a_duplicate(roster):
    found = roster.oneroster().read()
    assert of(found, "T41")["grade"] == "7" and rules(found)["duplicate"] == 1


def test_another_id_may_be_the_one_in_the_answers(roster):
    found = roster.oneroster(token="identifier").read()
    assert of(found, "N35") and of(found, "N36") and not of(found, "T21")


def test_an_id_of_a_type_that_nobody_has(roster):
    stopped(roster.oneroster(token="userIds:SIS"), "no student has an id of this type", "Found: LDAP, studentUniqueId")


def test_without_saying_which_id_joins_nothing_is_guessed(roster):
    roster.oneroster().roster.pop("token")
    stopped(roster, "roster needs token", kind=DeclarationError)


def test_an_anonymous_survey_needs_no_token(roster):
    roster.survey.pop("identity")
    roster.oneroster().roster.pop("token")
    found = roster.read()
    assert found.frame["student"].is_unique and len(found.frame) > 20


def test_rows_that_point_to_nobody_are_told_by_number(roster):
    found = roster.oneroster().read()
    assert {one["rule"]: one["rows"] for one in found.links} == {
        "unknown_user": [54],
        "unread_date": [51],
        "unknown_org": [52],
        "not_a_school": [53],
    }
    assert rules(found)["unread_date"] == 1 and rules(found)["unknown_org"] == 2 and rules(found)["no_enrolment"] == 2


def test_dates_in_another_form_are_read_where_it_is_declared(roster):
    found = roster.oneroster(dates="month_first").read()
    assert of(found, "T43") and "unread_date" not in rules(found)


def test_schools_by_their_identifier_and_regions_that_they_lie_in(roster):
    roster.survey["units"] = ["state", "district", "school"]
    found = roster.oneroster(school="identifier").read()
    assert set(found.frame["school"]) == {"001", "002", "003"}
    assert set(found.frame["district"]) == {"4800001"}  # one of them through an area
    assert "state" not in found.frame


def test_declared_schools_that_match_by_the_other_column_are_hinted_at(roster):
    roster.survey["schools"] = {"001": {"en": "Alder"}, "002": {"en": "Birch"}, "003": {"en": "Chestnut"}}
    found = roster.oneroster().read()
    assert found.frame.empty and any("school: identifier" in note for note in found.notes)


def test_two_districts_are_not_one_survey(roster):
    stopped(roster.oneroster("1.1"), "more than one district", "d1, d2", "district: d1")
    stopped(
        roster.oneroster("1.1", district="d9"), "no student of the roster is in this district", kind=DeclarationError
    )


def test_only_declared_demographics_come_in(roster):
    found = roster.oneroster().read()
    assert list(found.frame) == ["wave", "student", "school", "grade", "learning_mode"]
    roster.survey["breakdowns"] = ["sex", "race", {"id": "el", "levels": levels("Y", "N")}]
    found = roster.oneroster(columns={"el": "metadata.el"}).read()
    told = {of(found, f"T0{i}")["race"] for i in range(1, 10)}
    assert told == {
        *("white", "hispanic", "two_or_more", "asian", "black", "american_indian_alaska_native", "pacific_islander"),
        "unknown",
    }
    assert of(found, "T02")["race"] == "hispanic" and of(found, "T03")["race"] == "two_or_more"
    assert [of(found, f"T0{i}")["sex"] for i in (1, 5, 6)] == ["female", "other", "unknown"]
    assert of(found, "T04")["el"] == "Y" and of(found, "T20") == {}


@pytest.mark.parametrize("header", ["email", "familyName", "birthDate", "metadata.homePhone"])
def test_columns_that_tell_who_someone_is_stay_out(roster, header):
    roster.survey["breakdowns"] = ["group"]
    stopped(roster.oneroster(columns={"group": header}), "tells who a student is", header, kind=DeclarationError)


def test_no_name_of_the_file_is_in_what_was_read(roster):
    roster.survey["breakdowns"] = ["sex", "race"]
    found = roster.oneroster().read()
    told = json.dumps([found.account, found.notes, found.links]) + found.rejected.to_json() + found.frame.to_json()
    for secret in ("Given", "Family", "example.invalid", "login-", "2013-05-05", "T41", "u37"):
        assert secret not in told


def test_grades_by_ceds_codes_and_what_is_none(roster):
    found = roster.oneroster().read()
    assert of(found, "T27")["grade"] == "unknown" and of(found, "T29")["grade"] == "unknown"
    assert rules(found)["other_grade"] == 1 and rules(found)["unknown_grade"] == 1
    assert any("a grade that is not known: 1 value that fewer than 6 rows hold" in note for note in found.notes)
    assert found.undeclared[["value", "n"]].to_numpy().tolist() == [["XX", 1]]


def test_only_grades_that_were_asked_are_eligible(roster):
    found = roster.oneroster(grades=["7", "8"]).read()
    assert set(found.frame["grade"]) == {"7", "8", "unknown"}


def test_changes_only_are_refused(roster):
    stopped(roster.edit("manifest.csv", "file.users,bulk", "file.users,delta"), "only what has changed", "bulk")


def test_a_file_that_the_manifest_names_and_that_is_not_there(roster):
    stopped(roster.oneroster(changed={"enrollments.csv": None}), "enrollments.csv", "it is not")


def test_without_enrolments_roles_of_the_day_count_and_a_note_says_so(roster):
    found = roster.edit("manifest.csv", "file.enrollments,bulk", "file.enrollments,absent").read()
    assert of(found, "T22")["school"] == "sA" and of(found, "T30")["school"] == "sC"
    assert any("there are no enrolments" in note for note in found.notes)


def test_without_enrolments_a_1_1_export_counts_whom_users_name(roster):
    roster.edit("manifest.csv", "file.enrollments,bulk", "file.enrollments,absent", "1.1", district="d1")
    found = roster.read()
    assert of(found, "v23")["school"] == "sA" and rules(found)["unknown_org"] == 1


def test_a_manifest_is_needed_and_a_version_that_is_known(roster):
    stopped(roster.oneroster(changed={"manifest.csv": None}), "there is no manifest.csv")
    stopped(roster.edit("manifest.csv", "oneroster.version,1.2", "oneroster.version,1.0"), "Found: 1.0")


def test_headers_count_letter_by_letter(roster):
    told = stopped(roster.edit("users.csv", "sourcedId,status", "SourcedID,status"), "users.csv", "column sourcedId")
    assert "Found: SourcedID" in told
    stopped(roster.edit("enrollments.csv", "schoolSourcedId", "school"), "column schoolSourcedId")


def test_a_header_that_is_a_student_is_not_shown(roster):
    users = files_of("1.2")["users.csv"].split(b"\n", 1)[1]
    told = stopped(roster.oneroster(changed={"users.csv": users}), "column that OneRoster 1.2 requires is missing")
    assert "Given" not in told and "login" not in told


def test_files_with_a_header_only_are_as_good_as_absent(roster):
    header = files_of("1.2")["demographics.csv"].split(b"\n")[0] + b"\n"
    roster.survey["breakdowns"] = ["sex"]
    found = roster.oneroster(changed={"demographics.csv": header}).read()
    assert any("no demographics" in note for note in found.notes)
    header = files_of("1.2")["users.csv"].split(b"\n")[0] + b"\n"
    stopped(roster.oneroster(changed={"users.csv": header}), "users.csv", "nobody can be counted")


def test_a_day_in_no_session_of_the_export_is_told(roster):
    found = roster.edit("academicSessions.csv", "2026-08-20", "2025-08-20").read()
    assert not any("lies in no session" in note for note in found.notes)
    sessions = files_of("1.2")["academicSessions.csv"].replace(b"2026", b"2024").replace(b"2027", b"2025")
    found = roster.oneroster(changed={"academicSessions.csv": sessions}).read()
    assert any("lies in no session" in note for note in found.notes)


def test_the_day_of_another_wave_is_refused(roster):
    stopped(roster.oneroster(snapshot="2025-10-01"), "far from wave w2", kind=DeclarationError)
    assert len(roster.oneroster(snapshot={"w2": "2026-10-01", "w1": "2025-10-01"}).read().frame)


@pytest.mark.parametrize("name", ["../users.csv", "/etc/users.csv", "C:\\users.csv", "a/../../users.csv"])
def test_a_zip_that_points_outside_itself_is_not_opened(roster, name):
    roster.oneroster()
    roster.put("oneroster.zip", zipped({**files_of("1.2"), name: b"x"}))
    stopped(roster, "points outside")


def test_a_bomb_is_not_unpacked(roster):
    stopped(roster.oneroster(changed={"users.csv": b"0" * 60_000_000}), "unpacks to far more")


def test_a_folder_in_the_zip_is_no_matter_and_two_are(roster):
    files = files_of("1.2")
    roster.oneroster()
    roster.put("oneroster.zip", zipped({f"export/{name}": content for name, content in files.items()}))
    assert len(roster.read().frame) > 20
    roster.put("oneroster.zip", zipped({**files, **{f"old/{name}": content for name, content in files.items()}}))
    stopped(roster, "more than once")


def test_what_is_no_zip(roster):
    roster.oneroster()
    roster.put("oneroster.zip", files_of("1.2")["users.csv"])
    stopped(roster, "neither a folder nor a zip")


def test_organisations_in_a_circle(roster):
    roster.survey["units"] = ["state", "district", "school"]
    found = roster.edit("orgs.csv", "st,,,State of Examples,state,,", "st,,,State of Examples,state,,d1").read()
    assert set(found.frame["district"]) == {"d1"}


def test_a_teacher_in_a_class_as_a_student_is_none(roster):
    found = roster.oneroster(token="sourcedId").read()
    assert not of(found, "k01") and rules(found)["not_a_student"] == 2


def test_a_declared_column_that_is_nowhere(roster):
    roster.survey["breakdowns"] = ["el"]
    stopped(roster.oneroster(columns={"el": "metadata.language"}), "neither in users.csv nor", kind=DeclarationError)
    found = roster.oneroster(columns={"el": "publicSchoolResidenceStatus"}).read()  # of demographics.csv
    assert set(found.frame["el"]) == {"unknown"}
    stopped(roster.oneroster(columns={"grade": "grades"}), "not read from a column of OneRoster", kind=DeclarationError)
