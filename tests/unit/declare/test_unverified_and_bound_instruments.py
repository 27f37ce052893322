"""What nobody has verified, and what a licence binds, is scored only by a person's decision."""

from __future__ import annotations

import json
from hashlib import sha256

import pandas as pd
import pytest

from connectedness.declare.instrument import Instrument
from connectedness.declare.project import check_declarations, open_project
from connectedness.declare.registry import (
    find_instrument,
    instrument_files,
    instruments_table,
    read_instrument,
    require_verified,
    verification_summary,
)
from connectedness.errors import DeclarationError
from connectedness.scoring.classical import score

SURVEY = """
id: maple
title: {{en: Maple}}
instruments: ["{pin}"]
{more}
waves:
  - id: w1
    window: [2026-10-01, 2026-10-20]
    files: ["inbox/w1/*.csv"]
    map: {{items: {{{item}: A}}}}
{wave}
"""
OWN = """
id: sdq
version: 1
title: {en: "Peer problems, our licensed copy"}
standing: {en: "Used by permission."}
source: ["Our licence"]
licence: {tier: C, terms: "As our letter says."}
permission: {holder: "The publisher", reference: "letter 12", date: 2026-03-03}
option_sets:
  truth: {expresses: agreement, options: [{code: 0}, {code: 1}, {code: 2}], favourable: [0]}
items:
  - {id: peer_a, options: truth}
  - {id: peer_b, options: truth, polarity: negative}
scales:
  - id: peer_problems
    title: {en: Problems}
    description: {en: More is worse.}
    items: [peer_a, peer_b]
    min_answered: 1
"""


def project(folder, pin="hbsc-support@1", item="hbsc_teachercare", more="", wave=""):
    text = SURVEY.format(pin=pin, item=item, more=more, wave=wave)
    (folder / "survey.yaml").write_text(text, encoding="utf-8")
    return open_project(folder)


def own_file(folder, text=OWN, name="licensed.yaml"):
    (folder / "instruments").mkdir()
    (folder / "instruments" / name).write_text(text, encoding="utf-8")


def changed(name, **changes) -> Instrument:
    return Instrument.model_validate(find_instrument(name).model_dump() | changes)


def test_only_unverified_codes_and_polarities_make_an_instrument_unverified():
    unverified = {name for name in instrument_files() if find_instrument(name).unverified}
    assert unverified == {"hbsc-support", "pisa-student-teacher-2022"}
    assert verification_summary(find_instrument("pssm"))["standing"] == "published"


def test_a_survey_that_pins_an_unverified_instrument_stops_and_says_which_fact(tmp_path):
    with pytest.raises(DeclarationError, match="has been verified") as caught:
        check_declarations(project(tmp_path))
    told = str(caught.value)
    assert "survey.yaml, line 4, instruments[0]" in told
    assert "codes of agreement" in told and "codebook" in told and "accept_unverified: true" in told
    assert "polarity" not in told


def test_it_is_refused_wherever_the_wave_is_read_not_only_by_the_check(tmp_path):
    with pytest.raises(DeclarationError, match="has been verified"):
        project(tmp_path).instruments("w1")


def test_a_survey_that_accepts_it_goes_on(tmp_path):
    accepting = project(tmp_path, more="accept_unverified: true")
    check_declarations(accepting)
    assert [one.id for one in accepting.instruments("w1")] == ["hbsc-support"]


def test_one_file_needs_the_same_acceptance():
    instrument = find_instrument("pisa-student-teacher-2022")
    with pytest.raises(DeclarationError, match="pisa-student-teacher-2022@1"):
        require_verified(instrument, accepted=False)
    require_verified(instrument, accepted=True)
    require_verified(find_instrument("pssm"), accepted=False)


@pytest.mark.parametrize("accepted", [False, True])
def test_an_entry_without_a_key_is_never_scored(accepted):
    with pytest.raises(DeclarationError, match="ships without a key") as caught:
        require_verified(find_instrument("sdq"), accepted)
    assert "permission" in str(caught.value)
    with pytest.raises(DeclarationError, match="ships without a key"):
        score(pd.DataFrame({"a": [1]}), "sdq")


@pytest.mark.parametrize("name", ["licensed.yaml", "sdq.yaml"])
def test_a_projects_own_licensed_file_takes_the_entrys_place(tmp_path, name):
    own_file(tmp_path, name=name)
    found = project(tmp_path, "sdq@1", "peer_a")
    check_declarations(found)
    instrument = found.instruments("w1")[0]
    assert instrument.permission.holder == "The publisher"
    assert score(pd.DataFrame([{"peer_a": 2, "peer_b": 0}]), instrument)["peer_problems"].tolist() == [2]


def test_a_licensed_key_without_a_recorded_permission_is_refused(tmp_path):
    own_file(tmp_path, "\n".join(line for line in OWN.splitlines() if not line.startswith("permission")))
    with pytest.raises(DeclarationError, match="record the permission"):
        check_declarations(project(tmp_path, "sdq@1", "peer_a"))


def test_a_users_own_instrument_is_one_file_and_is_listed_as_theirs(tmp_path):
    mine = OWN.replace("id: sdq", "id: our-own", 1).replace("tier: C", "tier: B")
    own_file(tmp_path, mine)
    rows = {row["id"]: row for row in instruments_table(tmp_path)}
    assert rows["our-own"]["own"] is True and rows["our-own"]["verification"]["standing"] == "not stated"
    assert rows["our-own"]["sha256"] == sha256((tmp_path / "instruments" / "licensed.yaml").read_bytes()).hexdigest()
    assert rows["sdq"]["own"] is False
    check_declarations(project(tmp_path, "our-own@1", "peer_a"))


def test_the_table_of_instruments_is_json_and_complete():
    rows = instruments_table()
    assert json.loads(json.dumps(rows)) == rows
    assert [row["id"] for row in rows] == sorted(find_instrument(name).id for name in instrument_files())
    row = next(row for row in rows if row["id"] == "pisa-student-teacher-2022")
    assert (row["tier"], row["n_items"], row["scales"]) == ("A", 8, ["pisa22_relatst"])
    assert row["verification"] == {"standing": "unverified", "own": 0, "published": 1, "code": 2, "unverified": 2}
    assert next(row for row in rows if row["id"] == "sdq")["verification"]["standing"] == "no key"


@pytest.mark.parametrize(("code", "kind"), [(-1, "not_asked"), (-2, "skipped"), (-3, "invalid"), (-4, "dont_know")])
def test_the_engines_own_missing_codes_keep_their_meaning(code, kind):
    with pytest.raises(ValueError, match=f"the missing code {code} always means"):
        changed("pssm", missing={code: kind})


def test_the_engines_own_missing_codes_may_be_said_again():
    assert changed("pssm", missing={-1: "skipped", -2: "not_asked"}).missing == {-1: "skipped", -2: "not_asked"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"items": [], "scales": []}, "there are no items"),
        ({"forms": [{"id": "a", "default": True}, {"id": "b", "default": True}]}, "only one form"),
        ({"forms": [{"id": "a"}, {"id": "a"}]}, "form a stands twice"),
        ({"forms": [{"id": "a", "parameters": "../a.yaml"}]}, "named by a file"),
        ({"verification": [{"what": "codes", "how": "code", "note": "x", "of": ["nothing"]}]}, "does not have"),
        ({"general": {"id": "g", "title": {"en": "x"}, "scales": ["pssm_member", "a", "b"]}}, "lies over scales"),
    ],
)
def test_papers_that_do_not_hold(changes, words):
    with pytest.raises(ValueError, match=words):
        changed("pssm", **changes)


def test_the_default_form_is_the_one_marked_or_the_only_one():
    forms = [{"id": "a"}, {"id": "b", "default": True}]
    assert changed("pssm", forms=forms).default_form.id == "b"
    assert changed("pssm", forms=forms[:1]).default_form.id == "a"
    assert changed("pssm", forms=[{"id": "a"}, {"id": "b"}]).default_form is None
    assert find_instrument("pssm").default_form is None


WAVE_FORMS = "    forms: {{column: country, forms: {{FRA: {form}}}}}"


def test_a_wave_maps_a_column_to_forms_that_its_instruments_have(tmp_path):
    pisa = find_instrument("pisa-belonging")
    assert pisa.default_form.country == ("ITA", "MEX")
    french = next(form.id for form in pisa.forms if form.country == ("FRA",))
    found = project(tmp_path, "pisa-belonging@1", "pisa_st034q01", wave=WAVE_FORMS.format(form=french))
    check_declarations(found)
    assert found.wave("w1").forms.forms == {"FRA": french}
    wrong = project(tmp_path, "pisa-belonging@1", "pisa_st034q01", wave=WAVE_FORMS.format(form="elsewhere"))
    with pytest.raises(DeclarationError, match="no instrument of this wave has this form") as caught:
        check_declarations(wrong)
    assert french in str(caught.value)


def test_a_statement_over_an_alarm_says_who_why_and_when_and_is_about_a_wave(tmp_path):
    facts = "check: item_rest, what: hr_bel_hide, by: A. B., reason: checked, date: 2026-11-02"
    line = f"statements: [{{{{wave: {{wave}}, {facts}}}}}]"
    pin = ("healthy-relationships@1", "hr_bel_hide")
    found = project(tmp_path, *pin, more=line.format(wave="w1"))
    assert found.survey.statements[0].by == "A. B."
    with pytest.raises(DeclarationError, match="wave w2, which is not declared"):
        project(tmp_path, *pin, more=line.format(wave="w2"))


def test_an_error_in_a_shipped_file_would_name_its_line(tmp_path):
    file = tmp_path / "x.yaml"
    file.write_text(OWN.replace("tier: C", "tier: D"), encoding="utf-8")
    with pytest.raises(DeclarationError, match="line 7"):
        read_instrument(file)
