"""A student whose roster says no is not eligible, and no answer of theirs gets past the door; both are counted."""

import pytest
from unit.ingest.roster_examples import EXAMPLES, RosterProject, files_of, of, rules
from unit.ingest.small_survey import answer, reasons

from connectedness.errors import ContractError, DeclarationError
from connectedness.ingest.roster_check import check_roster
from connectedness.ingest.roster_words import check_text

YES = {"agreed": ["Yes"]}
KEYS = {"participation_consent": "no_consent", "assent": "no_assent", "opt_out": "opted_out"}


def listed(*said: str, column: str = "part") -> list[dict[str, str]]:
    return [
        {"token": f"s{i}", "school": "001", "grade": "7", column: one, "other": "x"} for i, one in enumerate(said, 1)
    ]


@pytest.fixture
def roster(tmp_path):
    return RosterProject(tmp_path)


@pytest.mark.parametrize(("key", "reason"), KEYS.items())
def test_who_says_no_is_not_eligible_and_their_answers_are_left_out(small, key, reason):
    small.roster(*listed("Yes", "No", " yes ", "No"), **{key: {"column": "part", **YES}})
    small.rows(answer("s1"), answer("s2"), answer("s3"), answer("s9"))
    found = small.ingest()
    assert len(found.roster) == 2 and found.responses["source_row"].tolist() == [2, 4]
    assert found.account["roster"]["excluded"] == {reason: 2}
    assert found.account["files"][0]["excluded"] == {reason: 1}
    assert reasons(found) == [(5, "not_on_roster")]
    assert "part" not in found.roster


def test_an_empty_cell_is_no_consent_and_no_opting_out_unless_declared(small):
    small.rows(answer("s1"), answer("s2"))
    for key, missing, kept in (
        ("participation_consent", None, 1), ("participation_consent", "agreed", 2),
        ("opt_out", None, 2), ("opt_out", "refused", 1),
    ):  # fmt: skip
        more = {"missing": missing} if missing else {}
        small.roster(*listed("Yes", ""), **{key: {"column": "part", **YES, **more}})
        found = small.ingest()
        assert (len(found.roster), len(found.responses)) == (kept, kept), (key, missing)


def test_one_row_that_says_no_is_enough(small):
    rows = listed("Yes", "Yes", "Yes")
    rows += [{**rows[0], "part": "No"}]
    small.roster(*rows, assent={"column": "part", **YES})
    small.rows(answer("s1"), answer("s2"))
    found = small.ingest()
    assert len(found.roster) == 2
    assert found.account["roster"]["excluded"] == {"no_assent": 2}
    assert found.responses["source_row"].tolist() == [3]


def test_a_refusal_counts_though_the_row_is_set_aside_for_its_school(small):
    small.survey["schools"] = {"001": {"en": "One"}}
    rows = listed("Yes", "No")
    rows[1]["school"] = "999"
    small.roster(*rows, assent={"column": "part", **YES})
    small.rows(answer("s1"), answer("s2"))
    assert reasons(small.ingest(), "excluded") == [(3, "no_assent"), (3, "no_assent")]


def test_what_the_roster_and_the_export_say_both_count(small):
    small.columns["assent"] = {"column": "me", **YES}
    small.roster(*listed("Yes", "Yes", "No"), participation_consent={"column": "part", **YES})
    small.rows(answer("s1", me="Yes"), answer("s2", me="No"), answer("s3", me="Yes"))
    found = small.ingest()
    assert found.account["files"][0]["excluded"] == {"no_assent": 1, "no_consent": 1}
    assert len(found.roster) == 2  # who does not agree when asked was eligible all the same


def test_nobody_left_stops_with_what_is_there(small):
    small.roster(*listed(*["J'accepte"] * 7), assent={"column": "part", **YES})
    small.rows(answer("s1"))
    with pytest.raises(ContractError, match="nobody would be eligible") as told:
        small.ingest()
    assert told.value.found == "J'accepte" and "roster.assent: agreed" in told.value.todo
    small.roster(*listed("a private word", "another"), assent={"column": "part", **YES})
    with pytest.raises(ContractError) as told:
        small.ingest()
    assert "private" not in str(told.value)


def test_an_anonymous_survey_has_denominators_without_them_and_says_what_cannot_be_told(small):
    small.survey.pop("identity")
    small.roster(*listed("Yes", "No", "Yes"), opt_out={"column": "part", **YES})
    small.rows(answer("s1"), answer("s2"))
    found = small.ingest()
    assert (len(found.roster), len(found.responses)) == (2, 2)
    assert any("answers are anonymous" in note for note in found.account["notes"])


def test_a_column_that_is_not_there_stops(small):
    small.roster(*listed("Yes"), assent={"column": "Assent form", **YES})
    small.rows(answer("s1"))
    with pytest.raises(ContractError, match="Assent form"):
        small.ingest()


def test_the_check_before_the_survey_says_how_many(small):
    small.roster(*listed("Yes", "No", "Yes"), opt_out={"column": "part", **YES})
    small.rows(answer("s1"))
    small.ingest()
    text = check_text(check_roster(small.root, "w2"))
    assert "opted out: 1" in text and "2 students" in text


# The other formats


def test_oneroster_has_it_in_users_or_in_demographics(roster):
    plain = roster.oneroster().read()
    users = files_of("1.2")["users.csv"].decode().splitlines()
    no = {"u01", "u02"}
    wider = [f"{users[0]},metadata.assent"]
    wider += [f"{line},{'no' if line.split(',')[0] in no else 'yes'}" for line in users[1:]]
    changed = {"users.csv": "\n".join(wider).encode()}
    assent = {"column": "metadata.assent", "agreed": ["yes"]}
    found = roster.oneroster(changed=changed, assent=assent).read()
    assert len(plain.frame) - len(found.frame) == 2 and rules(found)["no_assent"] == 2
    assert not of(found, "T01") and of(plain, "T01")
    assert list(found.refused) == ["no_assent"] and len(found.refused["no_assent"]) == 2

    lines = files_of("1.2")["demographics.csv"].decode("utf-8-sig").splitlines()
    first = lines[1].split(",")[0]
    wider = [f"{lines[0]},metadata.optOut"] + [
        f"{one},{'Y' if one.startswith(first + ',') else ''}" for one in lines[1:]
    ]
    out = {"column": "metadata.optOut", "agreed": ["N"]}
    found = roster.oneroster(changed={"demographics.csv": "\n".join(wider).encode()}, opt_out=out).read()
    assert len(plain.frame) - len(found.frame) <= 1 and len(found.refused["opted_out"]) <= 1
    with pytest.raises(DeclarationError, match=r"roster\.opt_out"):
        roster.oneroster(opt_out=out).read()


def test_edfi_has_it_in_a_column_and_last_years_row_says_nothing(roster):
    name = "edfi/student_school_associations.csv"
    roster.example(name, "edfi")
    plain = roster.read()
    lines = (EXAMPLES / name).read_text(encoding="utf-8").splitlines()
    token = lines[0].split(",").index("studentUniqueId")
    said = {"1104": "uri://district.example/ConsentDescriptor#No", "1103": "No"}
    wider = [f"{lines[0]},consent"] + [f"{one},{said.get(one.split(',')[token], 'Yes')}" for one in lines[1:]]
    roster.put("student_school_associations.csv", "\n".join(wider).encode())
    roster.roster["participation_consent"] = {"column": "consent", **YES}
    found = roster.read()
    assert len(plain.frame) - len(found.frame) == 1 and rules(found)["no_consent"] == 1
    assert rules(found)["not_enrolled"] == rules(plain)["not_enrolled"] == 3


def further(**more):
    return {"file": "inbox/{wave}/groups.csv", "token": "id", **more}


def test_the_further_file_has_it_and_who_is_not_in_it_said_nothing(roster):
    text = b"id,agrees\nP00,Yes\nP01,No\nP02,Yes\nP02,No\n"
    roster.put("groups.csv", text)
    consent = {"column": "agrees", **YES}
    found = roster.example("plain/roster.csv", "csv", token="student_token", groups=further(assent=consent)).read()
    assert of(found, "P00") and not of(found, "P01") and not of(found, "P02") and not of(found, "P04")
    roster.roster["groups"] = further(opt_out=consent)
    found = roster.read()
    assert of(found, "P00") and not of(found, "P01") and not of(found, "P02") and of(found, "P04")
    roster.roster["groups"] = further()
    with pytest.raises(DeclarationError, match="name at least one column"):
        roster.read()
