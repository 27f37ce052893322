"""A student withdraws: out of every table and file that is still in the building, and never in again.

First the student's pseudonym goes on the list of those who withdrew, with the waves to be made anew. Then come the
quarantine and the inbox, then the tables. Each step may be repeated, so a death half-way is mended by the same
command.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from connectedness import pipeline
from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError
from connectedness.files import make_private, sha256_of
from connectedness.identity import load_key, pseudonyms
from connectedness.ingest.consent import WITHDRAWN, read_withdrawn
from connectedness.ingest.inbox import roster_file, shown_path, wave_files
from connectedness.intake.keep import clear_notes, landed_here
from connectedness.lifecycle.owners import files_read, inbox_owners
from connectedness.lifecycle.recompute import drop_quarantine, has_tables, recompute_without, rows_of, seen_in
from connectedness.lifecycle.records import add_record
from connectedness.lifecycle.retention import clear_work, drop_texts
from connectedness.lifecycle.rewriting import GROUPS, ROSTER, Reading, may_hold, read_tokens, take_out
from connectedness.lifecycle.rewriting_oneroster import OneRosterTaken, oneroster_exports, take_out_of_oneroster
from connectedness.lifecycle.standing import Standing, estimates_standing, rows_standing
from connectedness.store import invariance_folder, one_run, write_json

WITHDRAWALS = "withdrawals.jsonl"


@dataclass
class InboxFile:
    """What became of a file of the inbox; `rows` as a spreadsheet counts, none where it could not be read."""

    file: str
    rows: list[int]
    rewritten: bool
    todo: str = ""


@dataclass
class Forgotten:
    """What `forget` did.

    Attributes
    ----------
    students, found : int
        Tokens given, and how many of them were in some table or file.
    removed : dict
        Rows removed from each table, by wave.
    recomputed : list of str
        Waves whose estimates were made anew: those the student was in, and those that are compared with them.
    files : list of InboxFile
        Files of the inbox that held a student, or that a person must look into.
    releases, research : list of Standing
        What has left already and stands.
    """

    students: int
    found: int = 0
    removed: dict[str, dict[str, int]] = field(default_factory=dict)
    recomputed: list[str] = field(default_factory=list)
    files: list[InboxFile] = field(default_factory=list)
    releases: list[Standing] = field(default_factory=list)
    research: list[Standing] = field(default_factory=list)

    @property
    def by_hand(self) -> list[InboxFile]:
        """Files that a person must mend."""
        return [one for one in self.files if not one.rewritten]

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON; no token and no pseudonym is in it."""
        return asdict(self)


def forget(root: str | Path, token_file: str | Path) -> Forgotten:
    """Take students out of every wave's tables and of the inbox, and keep them out; releases stand.

    Parameters
    ----------
    root : path
        Folder of the project.
    token_file : path
        One token a line, in UTF-8. Delete it afterwards.

    Raises
    ------
    ConnectednessError
        When the survey is anonymous, the file cannot be read or is empty, or another run is working.
    """
    tokens = _read_token_file(Path(token_file))
    with one_run(Path(root)) as project:
        if project.survey.anonymous:
            raise ConnectednessError(
                "this survey is anonymous: nothing tells which rows are whose, so nobody can be taken out of it.",
                file=project.root / "survey.yaml",
            )
        key = load_key(project.survey, project.root)
        gone = sorted(set(pseudonyms(tokens, key, project.survey.id)))
        done = Forgotten(len(gone))
        waves = _affected(project, gone)
        seen = {one for wave in waves for one in seen_in(project, wave, gone)}
        known = read_withdrawn(project)
        students, pending = sorted({*known["students"], *gone}), sorted({*known["pending"], *waves})
        _keep_list(project, students, pending, known["held"])
        clear_work(project)  # a stopped run's tables hold the student too
        held = _empty_inbox(project, students, tokens, key, done, seen)
        clear_notes(project, tokens)
        _keep_list(project, students, pending, held)
        done.found = len(seen & set(gone))
        for wave in _with_compared(project, pending):
            done.removed[wave] = rows_of(project, wave, students)
            if done.removed[wave]:  # a copy of the wave's answers that names nobody, so no row of it can be found
                shutil.rmtree(invariance_folder(project, wave), ignore_errors=True)
            if has_tables(project, wave) and recompute_without(project, wave, students):
                done.recomputed.append(wave)
            drop_texts(project, wave)
        done.removed = {wave: counts for wave, counts in done.removed.items() if counts}
        done.releases = estimates_standing(project, pending)
        done.research = rows_standing(project, gone, key)
        _record(project, done)
        _keep_list(project, students, [], held)
        pipeline.operations(project)
    return done


def _read_token_file(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ConnectednessError("the file of tokens cannot be read.", file=path, found=error.strerror) from None
    except UnicodeError:
        raise ConnectednessError(
            "the file of tokens is not plain text in UTF-8.", file=path, todo="Save it as text: one token a line."
        ) from None
    tokens = [line.strip() for line in lines if line.strip()]
    if not tokens:
        raise ConnectednessError("the file of tokens is empty.", file=path, todo="Write one token a line.")
    return tokens


def _affected(project: Project, gone: Collection[str]) -> list[str]:
    """Waves that hold a row of these students in any table."""
    return [one.id for one in project.survey.waves if rows_of(project, one.id, gone)]


def _with_compared(project: Project, waves: Collection[str]) -> list[str]:
    """These waves and, of each, the next that has been run: its changes are measured from it. In their order."""
    wanted = set(waves)
    for wave in waves:
        following = [one.id for one in project.later(wave) if has_tables(project, one.id)]
        wanted |= set(following[:1])
    return [one.id for one in project.survey.waves if one.id in wanted]


def _keep_list(project: Project, students: list[str], pending: list[str], held: dict[str, list[int]]) -> None:
    path = project.store / WITHDRAWN
    write_json(path, {"students": students, "pending": pending, "held": held})
    make_private(path)


def _empty_inbox(
    project: Project, gone: list[str], tokens: list[str], key: bytes, done: Forgotten, seen: set[str]
) -> dict[str, list[int]]:
    """Take the students, and those who withdrew before, out of every file of the inbox.

    Returns
    -------
    dict
        Rows of files that a person must mend, by the file's hash.
    """
    owners = inbox_owners(project)
    outside = {path for one in project.survey.waves for path in files_read(project, one.id)} - set(owners)
    landed, beyond = landed_here(project)
    outside |= set(landed)
    done.files += [InboxFile(place, [], False, _LOOK) for place in beyond]
    places = {**owners, **{path: frozenset[str]() for path in sorted(outside)}}
    held: dict[str, list[int]] = {}
    exports = oneroster_exports(project, places)
    for path, parts in exports.items():
        taken = take_out_of_oneroster(project, path, gone, tokens, key, rewrite=any(one in owners for one in parts))
        if taken is not None:
            _note_oneroster(project, path, taken, done, held)
            seen |= taken.seen
            for part in parts:
                places.pop(part, None)
    for path, waves in places.items():
        if not path.is_file():
            continue
        found = read_tokens(project, path, waves, key)
        place = shown_path(project, path)
        if found is None:
            if may_hold(path, tokens):
                done.files.append(InboxFile(place, [], False, _LOOK))
            continue
        seen |= set(found.people[found.people.isin(gone)])
        rows = found.of(gone)
        if not rows:
            continue
        _drop_lines(project, path, found.reading, rows)
        rewritten = path in owners and take_out(project, path, found, gone, key)
        done.files.append(InboxFile(place, rows, rewritten, "" if rewritten else _BY_HAND))
        if not rewritten:
            held[sha256_of(path)] = rows
    return held


def _note_oneroster(
    project: Project, path: Path, taken: OneRosterTaken, done: Forgotten, held: dict[str, list[int]]
) -> None:
    place = shown_path(project, path)
    for name, rows in taken.rows.items():
        todo = "" if taken.rewritten else f"{_BY_HAND} Begin with the other files, and end with users.csv."
        done.files.append(InboxFile(f"{place}/{name}", rows, taken.rewritten, todo))
    done.files += [InboxFile(f"{place}/{name}", [], False, _LOOK) for name in taken.left]
    rows = taken.rows.get("users.csv", [])
    for one in project.survey.waves:
        if path == roster_file(project, one.id):
            drop_quarantine(project, one.id, "roster", f"{path.name}/users.csv", rows)
    if not taken.rewritten:
        held[taken.sha256] = rows


_BY_HAND = (
    "Open it in the program that it is for, empty these rows, and save it under the same name. Until then a run stops "
    "at it."
)
_LOOK = "Look into it, and take the student out if need be."


def _drop_lines(project: Project, path: Path, reading: Reading, rows: list[int]) -> None:
    """Remove the quarantine's lines about these rows, in every wave that reads the file."""
    for one in project.survey.waves:
        if path == roster_file(project, one.id):
            drop_quarantine(project, one.id, "roster", path.name, rows)
        elif reading not in (ROSTER, GROUPS) and path in files_read(project, one.id):
            names = [file.name for file in wave_files(project, one.id)[0] if file.path == path]
            for name in names:
                drop_quarantine(project, one.id, "responses", name, rows)


def _record(project: Project, done: Forgotten) -> None:
    """Note the act: how many, where and when, and nothing that tells who."""
    add_record(
        project.store / WITHDRAWALS,
        {
            "students": done.students,
            "found": done.found,
            "waves": done.recomputed,
            "files": [{"file": one.file, "rewritten": one.rewritten} for one in done.files],
            "releases_that_stand": _names(done.releases),
            "research_releases_that_stand": _names(done.research),
        },
    )


def _names(standing: Iterable[Standing]) -> list[str]:
    return [one.release for one in standing]
