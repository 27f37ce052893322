"""Consent, assent, opting out and withdrawal are obeyed before anything of a row is kept."""

from __future__ import annotations

import json

import pytest
from unit.ingest.small_survey import KEY, answer, as_csv, reasons

from connectedness.errors import ContractError
from connectedness.files import sha256_of
from connectedness.identity import pseudonyms

YES = {"agreed": ["Yes"]}


def excluded(small):
    return reasons(small.ingest(), "excluded")


def withdrawn(small, *tokens, held=None):
    (small.root / "store").mkdir(exist_ok=True)
    names = pseudonyms(tokens, KEY, "small")
    content = {"students": names, "pending": [], "held": held or {}}
    (small.root / "store" / "withdrawn.json").write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("column", "reason"), [("participation_consent", "no_consent"), ("assent", "no_assent"), ("opt_out", "opted_out")]
)
def test_who_did_not_agree_is_left_out_and_counted(small, column, reason):
    small.columns[column] = {"column": "part", **YES}
    small.rows(answer("s1", part="Yes"), answer("s2", part=" yes "), answer("s3", part="No"), answer("s4", part="Y"))
    found = small.ingest()
    assert reasons(found, "excluded") == [(4, reason), (5, reason)]
    assert len(found.responses) == 2
    assert found.account["files"][0]["excluded"] == {reason: 2}
    assert "part" not in found.responses


def test_nothing_said_is_no_consent_unless_declared(small):
    small.columns["participation_consent"] = {"column": "part", **YES}
    small.rows(answer("s1", part="Yes"), answer("s2", part=""))
    assert excluded(small) == [(3, "no_consent")]
    small.columns["participation_consent"] = {"column": "part", **YES, "missing": "agreed"}
    assert excluded(small) == []


def test_nothing_said_is_no_opting_out_unless_declared(small):
    small.columns["opt_out"] = {"column": "out", "agreed": ["No"]}
    small.rows(answer("s1", out=""), answer("s2", out="No"), answer("s3", out="my mother says no"))
    assert excluded(small) == [(4, "opted_out")]
    small.columns["opt_out"]["missing"] = "refused"
    assert excluded(small) == [(2, "opted_out"), (4, "opted_out")]


def test_one_who_refuses_and_answers_nothing_is_not_called_blank(small):
    small.columns["assent"] = {"column": "part", **YES}
    nothing = dict.fromkeys(("sm_a", "sm_b", "sm_c", "sm_d", "sm_e"), "")
    small.rows(answer("s1", part="Yes"), answer("s2", part="No", **nothing))
    assert excluded(small) == [(3, "no_assent")]


def test_the_last_word_of_a_student_counts(small):
    small.columns["participation_consent"] = {"column": "part", **YES}
    small.rows(
        answer("s1", part="Yes", submitted="2026-10-06 09:00"),
        answer("s1", part="No", submitted="2026-10-07 09:00"),
        answer("s2", part="No", submitted="2026-10-06 09:00"),
        answer("s2", part="Yes", submitted="2026-10-07 09:00"),
        answer("", part="No", submitted="2026-10-08 09:00"),
    )
    found = small.ingest()
    assert reasons(found, "excluded") == [(2, "no_consent"), (3, "no_consent"), (4, "no_consent"), (6, "no_consent")]
    assert found.responses["source_row"].tolist() == [5]


def test_answers_of_who_refused_leave_no_trace_in_the_account(small):
    small.columns["participation_consent"] = {"column": "part", **YES}
    small.rows(answer("s1", part="Yes"), answer("s2", part="No", sm_a="my secret", sm_b="99"))
    found = small.ingest()
    assert found.account["bad_items"] == []
    assert found.account["unknown_labels"]["n"] == 0
    assert "secret" not in json.dumps(found.account)
    assert found.labels.empty


def test_consent_to_sensitive_items_is_another_matter(small):
    small.survey["modules"] = ["private"]
    small.map["items"] = {**small.map["items"], "sm_private": "sm_private"}
    small.columns |= {"consent": {"column": "sensitive", **YES}, "assent": {"column": "part", **YES}}
    small.rows(
        answer("s1", part="Yes", sensitive="No", sm_private="4"),
        answer("s2", part="Yes", sensitive="Yes", sm_private="4"),
        answer("s3", part="No", sensitive="Yes", sm_private="4"),
    )
    found = small.ingest()
    assert found.responses["sm_private"].tolist() == [-2, 4]
    assert reasons(found, "excluded") == [(4, "no_assent")]


def test_a_column_of_consent_that_is_not_there_stops_the_wave(small):
    small.columns["participation_consent"] = {"column": "Consent", **YES}
    small.rows(answer("s1"))
    with pytest.raises(ContractError, match="Consent"):
        small.ingest()


def test_a_student_who_withdrew_is_left_out_of_answers_and_roster(small):
    small.rows(answer("s1"), answer("s2"))
    small.roster(*({"token": name, "school": "001", "grade": "7"} for name in ("s1", "s2", "s3")))
    withdrawn(small, "s2")
    found = small.ingest()
    assert reasons(found, "excluded") == [(3, "withdrawn"), (3, "withdrawn")]
    assert reasons(found) == []
    assert len(found.roster) == 2
    assert len(found.responses) == 1
    assert found.account["roster"]["excluded"] == {"withdrawn": 1}


def test_a_file_that_a_person_must_mend_is_stopped_until_it_has_changed(small):
    path = small.put("export.csv", as_csv([answer("s1"), answer("s2")]))
    withdrawn(small, "s2", held={sha256_of(path): [3]})
    with pytest.raises(ContractError, match="rows 3"):
        small.ingest()
    small.put("export.csv", as_csv([answer("s1")]))
    assert len(small.ingest().responses) == 1
