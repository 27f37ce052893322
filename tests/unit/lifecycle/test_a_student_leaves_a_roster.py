"""`forget` in rosters of every format, in zipped exports, and in what only a person can rewrite."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pandas as pd
import pytest
from typer.testing import CliRunner
from unit.ingest.roster_examples import EXAMPLES, RosterProject, files_of
from unit.ingest.small_survey import ITEMS, answer, as_csv

from connectedness.cli import app
from connectedness.declare.project import open_project
from connectedness.errors import ConnectednessError, ContractError
from connectedness.identity import TEST_KEY, pseudonyms
from connectedness.ingest import ingest_wave
from connectedness.ingest.roster import read_roster
from connectedness.lifecycle import rewriting_oneroster
from connectedness.lifecycle.withdrawal import forget

EDFI = "edfi/student_school_associations.csv"


@pytest.fixture
def made(tmp_path):
    return RosterProject(tmp_path / "project")


def gone(made, tmp_path, *tokens):
    made.project()
    path = tmp_path / "tokens.txt"
    path.write_text("\n".join(tokens), encoding="utf-8")
    return forget(made.root, path)


def eligible(made):
    return set(read_roster(open_project(made.root), "w2", TEST_KEY).frame["student"])


def unzipped(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rows(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def assert_only_theirs_changed(before, after, ids):
    """Every row that names one of the ids is empty now, and every other is as it was, byte by byte."""
    assert set(before) == set(after)
    changed = set()
    for name in before:
        old, new = before[name].split(b"\n"), after[name].split(b"\n")
        assert len(old) == len(new)
        for i, (one, other) in enumerate(zip(old, new, strict=True)):
            if one != other:
                changed.add(name)
                assert set(other) <= set(b",\r"), (name, i)
                assert any(f"{mark}{one_id}{mark}".encode() in b"," + one.replace(b'"', b"") + b"," for one_id in ids
                           for mark in (",",)), (name, i)  # fmt: skip
        left = [row for row in rows(after[name])[1:] if set(row) & ids]
        assert not left, (name, left)
    return changed


@pytest.mark.parametrize("folder", [False, True])
def test_a_student_leaves_every_file_of_a_oneroster(made, tmp_path, folder):
    files = files_of("1.2") | {"classes.csv": files_of("1.2")["classes.csv"], "readme.txt": b"as made"}
    results = b"sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId\nr1,,,l1,u01\nr2,,,l1,u02\n"
    made.oneroster(changed={**files, "results.csv": results})
    path = made.root / "inbox" / "w2" / "oneroster.zip"
    if folder:
        for name, content in unzipped(path).items():
            made.put(f"oneroster/{name}", content)
        path.unlink()
        made.roster["file"] = "inbox/{wave}/oneroster"
        path = path.with_suffix("")
    made.project()
    before = {one.name: one.read_bytes() for one in path.iterdir()} if folder else unzipped(path)
    listed = eligible(made)
    users = rows(before["users.csv"])
    ids = {row[0] for row in users if any("{studentUniqueId:T01}" in cell for cell in row)}
    done = gone(made, tmp_path, "T01")
    after = {one.name: one.read_bytes() for one in path.iterdir()} if folder else unzipped(path)
    assert assert_only_theirs_changed(before, after, ids) >= {
        "users.csv",
        "enrollments.csv",
        "roles.csv",
        "results.csv",
    }
    assert after["readme.txt"] == b"as made"
    assert done.found == 1 and not done.by_hand and {one.file.rpartition("/")[2] for one in done.files} >= {"users.csv"}
    assert listed - eligible(made) == set(pseudonyms(["T01"], TEST_KEY, "small"))
    again = gone(made, tmp_path, "T01")
    assert not again.files and not again.by_hand


def test_killed_between_the_files_of_a_folder_the_same_command_finishes(made, tmp_path, monkeypatch):
    for name, content in files_of("1.2").items():
        made.put(f"oneroster/{name}", content)
    made.oneroster()
    (made.root / "inbox" / "w2" / "oneroster.zip").unlink()
    made.roster["file"] = "inbox/{wave}/oneroster"
    written = []

    class Killed(BaseException):
        pass

    def dies(path, content):
        if written:
            raise Killed
        written.append(path.name)
        path.write_bytes(content)

    real = rewriting_oneroster.write_bytes
    monkeypatch.setattr(rewriting_oneroster, "write_bytes", dies)
    with pytest.raises(Killed):
        gone(made, tmp_path, "T01")
    assert written and written != ["users.csv"]
    monkeypatch.setattr(rewriting_oneroster, "write_bytes", real)
    assert not gone(made, tmp_path, "T01").by_hand
    for path in (made.root / "inbox" / "w2" / "oneroster").glob("*.csv"):
        assert not [row for row in rows(path.read_bytes())[1:] if "u01" in row], path.name


def test_a_guardian_keeps_the_record_without_the_child(made, tmp_path):
    users = files_of("1.1")["users.csv"].decode()
    header = users.split("\n")[0].strip().split(",")
    guardian = ["gv"] + ["" for _ in header[1:]]
    for name, value in {
        "role": "guardian",
        "givenName": "Zoë",
        "agentSourcedIds": "v01,v02",
        "enabledUser": "true",
    }.items():
        guardian[header.index(name)] = f'"{value}"' if "," in value else value
    text = users.rstrip("\n") + "\n" + ",".join(guardian) + "\n"
    made.oneroster("1.1", changed={"users.csv": text.encode()}, district="d1")
    gone(made, tmp_path, "v01")
    after = rows(unzipped(made.root / "inbox" / "w2" / "oneroster.zip")["users.csv"])
    row = next(one for one in after if one[0] == "gv")
    assert row[header.index("agentSourcedIds")] == "v02" and row[header.index("givenName")] == "Zoë"
    assert not [one for one in after if one[0] == "v01"]


def test_what_still_names_the_student_elsewhere_is_said(made, tmp_path):
    made.oneroster(changed={"extra.csv": b"what,who\nbus,STUDENT-00017\n"})
    users = files_of("1.2")["users.csv"].decode().replace("{studentUniqueId:T01}", "{studentUniqueId:STUDENT-00017}")
    files = {**files_of("1.2"), "users.csv": users.encode(), "extra.csv": b"what,who\nbus,STUDENT-00017\n"}
    made.oneroster(changed=files)
    done = gone(made, tmp_path, "STUDENT-00017")
    assert [one.file for one in done.by_hand] == ["inbox/w2/oneroster.zip/extra.csv"]
    again = gone(made, tmp_path, "STUDENT-00017")
    assert [one.file for one in again.by_hand] == ["inbox/w2/oneroster.zip/extra.csv"]


def test_a_corrected_roster_leaves_no_old_copy_behind(made, tmp_path):
    from connectedness.lifecycle.quarantine import requeue

    made.oneroster()
    made.project()
    made.put("answers.csv", as_csv([answer("T01")]).encode())
    new = tmp_path / "oneroster.zip"
    with zipfile.ZipFile(new, "w") as archive:
        for name, content in files_of("1.2").items():
            archive.writestr(name, content if name != "classes.csv" else content + b"\n")
    kept = requeue(made.root, new)["kept_as"]
    done = gone(made, tmp_path, "T01")
    assert not done.by_hand and any(one.file.startswith(kept) for one in done.files)
    for path in (made.root / kept, made.root / "inbox/w2/oneroster.zip"):
        assert b"studentUniqueId:T01}" not in unzipped(path)["users.csv"]


@pytest.mark.parametrize("mark", [",", ";"])
def test_edfi_plain_roster_and_file_of_groups(made, tmp_path, mark):
    made.survey["breakdowns"] = ["el"]
    groups = {"file": "inbox/{wave}/groups.csv", "token": "id", "columns": {"el": "el_status"}}
    for file, kind, token, student in (
        (EDFI, "edfi", None, "1100"),
        ("plain/roster.csv", "csv", "student_token", "P00"),
    ):
        made.example(file, kind, groups=groups, **({"token": token} if token else {}))
        text = (EXAMPLES / file).read_text(encoding="utf-8-sig").replace(",", mark)
        path = made.put(file.rpartition("/")[2], text.encode())
        further = made.put("groups.csv", f"id{mark}el_status\n{student}{mark}Y\nzz{mark}N\n".encode())
        made.project()
        listed = eligible(made)
        done = gone(made, tmp_path, student)
        assert not done.by_hand and {one.file.rpartition("/")[2] for one in done.files} == {path.name, "groups.csv"}
        assert listed - eligible(made) == set(pseudonyms([student], TEST_KEY, "small"))
        assert student.encode() not in path.read_bytes() and further.read_bytes().endswith(f"zz{mark}N\n".encode())
        path.unlink()


def export(made, name, content):
    made.map["items"] = {item: item for item in ITEMS}
    path = made.put(name, content)
    made.roster = {"format": "csv", "file": "inbox/{wave}/roster.csv"}
    made.put("roster.csv", b"token,school,grade\ns1,001,7\ns2,001,7\ns3,001,7\n")
    survey = made.project()
    text = (survey.root / "survey.yaml").read_text().replace("answers*.csv", "answers*")
    (survey.root / "survey.yaml").write_text(text)
    return path


def forget_s2(made, tmp_path):
    path = tmp_path / "tokens.txt"
    path.write_text("s2")
    return forget(made.root, path)


ANSWERS = as_csv([answer("s1"), answer("s2"), answer("s3")])


def test_a_zipped_export_is_rewritten_and_what_lies_beside_it_is_not(made, tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep/answers.csv", ANSWERS)
        archive.writestr("deep/survey.qsf", b'{"a": 1}')
        archive.comment = b"as exported"
    path = export(made, "answers.zip", out.getvalue())
    done = forget_s2(made, tmp_path)
    assert not done.by_hand
    after = unzipped(path)
    assert after["deep/survey.qsf"] == b'{"a": 1}' and b"s2" not in after["deep/answers.csv"]
    assert after["deep/answers.csv"].split(b"\n")[1] == ANSWERS.encode().split(b"\n")[1]
    assert zipfile.ZipFile(path).comment == b"as exported"
    assert len(ingest_wave(open_project(made.root), "w2", TEST_KEY).responses) == 2


@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_an_export_in_utf_16_is_rewritten(made, tmp_path, ending):
    text = ANSWERS if ending == "csv" else ANSWERS.replace(",", "\t")
    made.map |= {"encoding": "utf-16"} | ({"delimiter": "\t"} if ending == "tsv" else {})
    path = export(made, f"answers.{ending}", text.encode("utf-16"))
    done = forget_s2(made, tmp_path)
    assert not done.by_hand and "s2" not in path.read_bytes().decode("utf-16")


def table(*tokens):
    return pd.read_csv(io.StringIO(as_csv([answer(one) for one in tokens])), dtype="str")


def write_sav(frame, path):
    import pyreadstat

    pyreadstat.write_sav(frame, path)


WRITE = {
    "xlsx": lambda frame, path: frame.to_excel(path, index=False),
    "parquet": lambda frame, path: frame.to_parquet(path),
    "sav": write_sav,
    "dta": lambda frame, path: frame.to_stata(path, write_index=False),
}


@pytest.mark.parametrize("ending", list(WRITE))
def test_other_files_are_left_whole_named_and_stopped_at_until_mended(made, tmp_path, ending):
    path = export(made, f"answers.{ending}", b"")
    WRITE[ending](table("s1", "s2", "s3"), path)
    before = path.read_bytes()
    names = tmp_path / "tokens.txt"
    names.write_text("s2")
    result = CliRunner().invoke(app, ["forget", str(made.root), "--token-file", str(names)])
    assert result.exit_code == 1 and f"BY HAND: inbox/w2/answers.{ending} (3)" in result.output
    assert path.read_bytes() == before
    with pytest.raises(ContractError, match="withdrew"):
        ingest_wave(open_project(made.root), "w2", TEST_KEY)
    assert json.loads((made.root / "store" / "withdrawn.json").read_text())["pending"] == []
    path.unlink()
    WRITE[ending](table("s1", "s3"), path)
    assert forget(made.root, names).by_hand == []
    assert len(ingest_wave(open_project(made.root), "w2", TEST_KEY).responses) == 2


def test_a_oneroster_that_cannot_be_read_is_left_for_a_person(made, tmp_path):
    made.oneroster()
    made.put("oneroster.zip", b"PK\x03\x04 no zip")
    done = gone(made, tmp_path, "T01")
    assert [one.file for one in done.by_hand] == ["inbox/w2/oneroster.zip"]


def test_a_roster_outside_the_inbox_is_named_and_not_touched(made, tmp_path):
    made.oneroster()
    outside = tmp_path / "sis.zip"
    (made.root / "inbox" / "w2" / "oneroster.zip").rename(outside)
    made.roster["file"] = str(outside)
    before = outside.read_bytes()
    done = gone(made, tmp_path, "T01")
    assert outside.read_bytes() == before and {one.file for one in done.by_hand} >= {"sis.zip/users.csv"}
    with pytest.raises((ContractError, ConnectednessError), match="withdrew"):
        read_roster(open_project(made.root), "w2", TEST_KEY)
