"""What the intake writes of a file tells nothing of its rows, nor a name that may be a student's."""

from __future__ import annotations

import csv

import pytest

from connectedness.declare.project import open_project
from connectedness.intake import kept_for_a_person
from connectedness.intake.keep import clear_notes
from connectedness.intake.record import ASIDE, note_down, records
from connectedness.lifecycle.withdrawal import forget

OPEN = "2026-fall"
NAME = "Emma Ravensworth"


@pytest.fixture
def headerless(project, drop):
    """Land the in-person export without its header; a student answered "School". Gives that student's cells."""
    with (drop / "export-in-person.csv").open(encoding="utf-8", newline="") as stream:
        header, first, *rows = list(csv.reader(stream))
    first[-1], first[header.index("student_token")] = "School", "MF0000017"
    first[header.index("Status")] = NAME

    def land(name: str):
        target = project / "landing" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([first, *rows])
        return [cell for cell in first if len(cell) > 3]

    return land


def written(project, found) -> str:
    """The record, the notes and what is printed."""
    notes = [one.read_text(encoding="utf-8") for one in (project / "landing").rglob("*.note.txt")]
    return "\n".join([(project / "store" / "intake.jsonl").read_text(encoding="utf-8"), *notes, *found.lines])


def test_a_file_without_a_header_is_set_aside_and_nothing_of_its_first_row_is_told(project, clock, headerless):
    cells = headerless(f"{OPEN}/export-in-person.csv")
    found = clock.twice()
    assert found.counts["set_aside"] == 1
    said = written(project, found)
    assert not [cell for cell in cells if cell in said and cell not in ("True", "School", OPEN)]
    (project / "tokens.txt").write_text("MF0000017\n", encoding="utf-8")
    forget(project, project / "tokens.txt")
    assert "MF0000017" not in written(project, found)


def test_a_name_that_nobody_foresaw_is_not_in_the_body_of_its_note(project, clock, headerless):
    headerless(f"{NAME} answers.csv")
    found = clock.twice()
    (note,) = (project / "landing").rglob("*.note.txt")
    said = note.read_text(encoding="utf-8")
    assert NAME not in said and NAME not in "".join(found.lines) and said.startswith("a .csv file (")


def test_what_an_earlier_note_says_of_a_student_is_cleared(project, clock, headerless):
    headerless("export-old.csv")
    clock.twice()
    opened = open_project(project)
    (kept,) = kept_for_a_person(opened)
    facts = {name: one for name, one in kept.items() if name not in ("when", "what", "note")}
    note_down(opened, ASIDE, **facts, note=["Found: MF0000017, Ravensworth."])
    (project / "landing" / (kept["at"] + ".note.txt")).write_text("Found: MF0000017.", encoding="utf-8")
    before = len(records(opened))
    clear_notes(opened, ["MF0000017"])
    (again,) = kept_for_a_person(opened)
    assert len(records(opened)) == before and (again["at"], again["sha256"]) == (kept["at"], kept["sha256"])
    texts = [file.read_text(encoding="utf-8") for file in (project / "landing").rglob("*.note.txt")]
    assert "no longer kept" in texts[0] and "MF0000017" not in texts[0] + str(records(opened))
