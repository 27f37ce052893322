"""Whatever is in the files, a roster comes of it or a plain error."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.ingest.roster_examples import EXAMPLES, RosterProject, files_of, zipped

from connectedness.errors import ConnectednessError
from connectedness.ingest.roster import RosterRead

PLAIN = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck), derandomize=True)
NAMES = {version: sorted(files_of(version)) for version in ("1.1", "1.2")}
CELLS = st.sampled_from(
    [
        "",
        "sA",
        "sB",
        "u01",
        "v01",
        "student",
        "teacher",
        "2026-10-05",
        "10/05/2026",
        "7",
        "{a:b}",
        "=1+1",
        "\0",
        "\ud7ff",
    ]
    + ["d1", "tobedeleted", "primary", "T40", "07,08", '"', "\ufeff", "school", "district", "9999-99-99", "x" * 300]
)


def read(project: RosterProject) -> RosterRead | None:
    try:
        found = project.read()
    except ConnectednessError as error:
        assert str(error)
        return None
    entry = found.account
    assert entry["rows"] == entry["accepted"] + entry["quarantined"] + sum(entry["excluded"].values())
    assert found.frame["student"].is_unique and (found.frame["school"] != "").all()
    assert not found.frame.isna().any(axis=None)
    return found


def fresh(folder: str) -> RosterProject:
    project = RosterProject(Path(folder))
    project.survey["breakdowns"] = ["sex", "race"]
    return project


@PLAIN
@given(version=st.sampled_from(["1.1", "1.2"]), data=st.data(), content=st.binary(max_size=400))
def test_any_bytes_as_any_file(version, data, content):
    name = data.draw(st.sampled_from(NAMES[version]))
    before = data.draw(st.booleans())  # with the header that belongs there, or without
    header = files_of(version)[name].split(b"\n")[0] + b"\n" if before else b""
    with tempfile.TemporaryDirectory() as folder:
        read(fresh(folder).oneroster(version, changed={name: header + content}))


@PLAIN
@given(version=st.sampled_from(["1.1", "1.2"]), data=st.data())
def test_any_cells_in_any_file(version, data):
    name = data.draw(st.sampled_from(NAMES[version]))
    lines = files_of(version)[name].decode().splitlines()
    width = lines[0].count(",") + 1
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6))
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    text = "\n".join([*lines, *quoted]) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        read(fresh(folder).oneroster(version, changed={name: text.encode()}))


@PLAIN
@given(content=st.binary(max_size=300), cut=st.integers(0, 4000), start=st.integers(0, 4000))
def test_any_bytes_as_the_zip(content, cut, start):
    whole = zipped(files_of("1.2"))
    with tempfile.TemporaryDirectory() as folder:
        project = fresh(folder).oneroster()
        project.put("oneroster.zip", whole[:start] + content + whole[start + cut :])
        read(project)


@PLAIN
@given(content=st.binary(max_size=300), header=st.booleans())
def test_any_bytes_as_an_edfi_or_a_plain_roster(content, header):
    for name, kind in (("edfi/student_school_associations.csv", "edfi"), ("plain/roster.csv", "csv")):
        first = (EXAMPLES / name).read_bytes().split(b"\n")[0] + b"\n" if header else b""
        with tempfile.TemporaryDirectory() as folder:
            token = {"token": "student_token"} if kind == "csv" else {}
            project = fresh(folder).example(name, kind, **token)
            project.put(Path(name).name, first + content)
            read(project)


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("order", [1, 7])
def test_the_order_of_rows_and_columns_does_not_matter(version, order):
    shuffled: dict[str, bytes | None] = {}
    for name, content in files_of(version).items():
        head, *rows = content.decode("utf-8-sig").splitlines()
        shuffled[name] = "\n".join([head, *rows[order:], *rows[:order]]).encode()
    more = {"district": "d1"} if version == "1.1" else {}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        plain, turned = (
            fresh(one).oneroster(version, **more).read(),
            fresh(other).oneroster(version, changed=shuffled, **more).read(),
        )
    key = ["student", "school"]
    left, right = (found.frame.sort_values(key)[key].to_numpy().tolist() for found in (plain, turned))
    assert left == right
