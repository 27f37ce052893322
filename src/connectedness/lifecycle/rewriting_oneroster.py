"""Taking a student out of a OneRoster export, a zip or a folder: out of every file that names the student's records.

In users.csv the student is found by the token; every other file names the student by the `sourcedId` found there. So
users.csv is emptied last where each file is its own: a death half-way leaves what the next run needs.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pandas as pd

from connectedness.declare.project import Project
from connectedness.declare.survey import Roster
from connectedness.errors import ConnectednessError
from connectedness.files import make_private, move_into_place, write_bytes
from connectedness.identity import pseudonyms
from connectedness.ingest.cells import tidy
from connectedness.ingest.inbox import roster_file, shown_path
from connectedness.ingest.roster_folder import RosterFolder, open_folder
from connectedness.ingest.roster_oneroster import token_source, tokens_of
from connectedness.ingest.roster_text import TextForm, read_text, separator_found
from connectedness.ingest.zipped import Held
from connectedness.lifecycle.emptying import Edit, emptied, rewrite_zip
from connectedness.lifecycle.owners import replaced_name

_NAMES_STUDENT = ("userSourcedId", "studentSourcedId")
_AGENTS = "agentSourcedIds"
_SURE = 5  # a shorter id may be any number of a file


@dataclass
class OneRosterTaken:
    """What was found and done.

    Attributes
    ----------
    sha256 : str
        Of the export, as a run computes it, after the rewriting.
    rows : dict
        Rows emptied or edited, by file.
    rewritten : bool
        Whether nothing of the students is left in these rows.
    left : list of str
        Files that still hold an id of the students and that a person must look into.
    seen : set of str
        Pseudonyms of the students who were there.
    """

    sha256: str
    rows: dict[str, list[int]] = field(default_factory=dict)
    rewritten: bool = True
    left: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


def oneroster_exports(project: Project, paths: Collection[Path]) -> dict[Path, list[Path]]:
    """OneRoster exports among files, each with the files that belong to it; copies that were replaced are some too."""
    declared = project.survey.roster
    if declared is None or declared.format != "oneroster":
        return {}
    rosters = {path for one in project.survey.waves if (path := roster_file(project, one.id))}
    found: dict[Path, list[Path]] = {}
    for path in paths:
        whole = next((one for one in rosters if one in path.parents), None)
        original = path.with_name(replaced_name(path) or path.name)
        if whole is not None and replaced_name(path) is None:
            found.setdefault(whole, []).append(path)
        elif original in rosters:
            found.setdefault(path, []).append(path)
    return found


def take_out_of_oneroster(
    project: Project, path: Path, gone: Collection[str], raw: Collection[str], key: bytes, *, rewrite: bool = True
) -> OneRosterTaken | None:
    """Empty every record of these students, and their ids in the lists of their guardians.

    Parameters
    ----------
    path : Path
        A zip or a folder.
    gone : collection of str
        Pseudonyms.
    raw : collection of str
        Tokens as they were given, to look for in what is left.
    rewrite : bool
        False to look only.

    Returns
    -------
    OneRosterTaken or None
        None where it cannot be read as a OneRoster export.

    Raises
    ------
    ConnectednessError
        When a file is open in another program.
    """
    declared = project.survey.roster
    if declared is None or not path.exists():
        return None
    place = shown_path(project, path)
    try:
        folder = open_folder(path, place, TextForm.of(declared))
        ids, tokens, seen = _ids(project, folder, declared, gone, key)
    except (ConnectednessError, OSError):
        return None
    done = OneRosterTaken(folder.sha256, seen=seen)
    contents, members = _members(path), {}
    for name in sorted(contents, key=lambda one: PurePosixPath(one).stem == "users"):
        member = _Member(name, contents[name], folder.form)
        rows, agents = member.rows_of(ids)
        if rows or agents:
            done.rows[PurePosixPath(name).name] = sorted({*rows, *agents})
            new = member.without(rows, agents, ids)
            done.rewritten &= new is not None
            contents[name] = new if new is not None else contents[name]
            members[name] = contents[name]
    if done.rewritten:
        anywhere = {*ids, *tokens, *raw}
        done.left = [PurePosixPath(name).name for name, content in contents.items() if _holds(content, anywhere)]
    if members and done.rewritten and rewrite:
        _write(path, members)
        done.sha256 = open_folder(path, place, folder.form).sha256
    done.rewritten &= rewrite or not members
    return done


@dataclass(frozen=True)
class _Member:
    """One file of the export."""

    name: str
    content: bytes
    form: TextForm

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    def rows_of(self, ids: set[str]) -> tuple[list[int], list[int]]:
        """Rows to empty, and rows in which the student stands among the children of another user."""
        columns = [*_NAMES_STUDENT, *(["sourcedId"] if self.stem in ("users", "demographics") else [])]
        wanted = [*columns, _AGENTS]
        held = Held(PurePosixPath(self.name).name, self.content)
        try:
            export = read_text(held, self.name, _there(wanted), self.form, ["sourcedId", *wanted])
        except ConnectednessError:
            return [], []  # no table, or one without a row
        cells = export.cells
        named = pd.Series(False, index=cells.index)
        for column in (one for one in columns if one in cells):
            named |= cells[column].isin(ids)
        of = pd.Series(False, index=cells.index)
        if _AGENTS in cells:
            parts = cells[_AGENTS].str.split(",").explode().str.strip()
            of = parts.isin(ids).groupby(level=0).any() & ~named
        return [int(row) for row in export.row[named]], [int(row) for row in export.row[of]]

    def without(self, rows: Collection[int], agents: Collection[int], ids: set[str]) -> bytes | None:
        delimiter = self.form.delimiter or separator_found(
            Held(self.name, self.content), ["sourcedId", *_NAMES_STUDENT]
        )
        header = self.content.split(b"\n", 1)[0].decode("utf-8-sig", "replace").replace('"', "").strip("\r")
        names = [tidy(one) for one in header.split(delimiter)]
        edits = {row: _without_ids(names.index(_AGENTS), ids) for row in agents} if agents else {}
        return emptied(self.content, set(rows), delimiter, edits)


def _without_ids(place: int, ids: set[str]) -> Edit:
    gone = {one.encode("utf-8").decode("latin-1") for one in ids}

    def edit(cells: list[str]) -> list[str]:
        kept = [one for one in cells[place].split(",") if one.strip() not in gone]
        return [*cells[:place], ",".join(kept), *cells[place + 1 :]]

    return edit


def _there(wanted: Collection[str]) -> Callable[[Sequence[str]], dict[str, int]]:
    def choose(header: Sequence[str]) -> dict[str, int]:
        names = [tidy(name) for name in header]
        return {name: names.index(name) for name in wanted if name in names}

    return choose


def _ids(
    project: Project, folder: RosterFolder, declared: Roster, gone: Collection[str], key: bytes
) -> tuple[set[str], set[str], set[str]]:
    """Ids of these students in this export: their `sourcedId`, their tokens, and the pseudonyms of those found."""
    header = declared.token or "sourcedId"
    source = token_source(header)
    users = folder.read("users", ("sourcedId", source), list(dict.fromkeys(("sourcedId", source)))).cells
    tokens = tokens_of(users, header)
    names = pd.Series(pseudonyms(tokens.tolist(), key, project.survey.id), index=tokens.index, dtype="str")
    theirs = (names.isin(list(gone)) & (tokens != "")).to_numpy()
    return set(users["sourcedId"][theirs]) - {""}, set(tokens[theirs]), set(names[theirs])


def _members(path: Path) -> dict[str, bytes]:
    """Content of every text file of the export, by its name in it."""
    if path.is_dir():
        return {
            one.relative_to(path).as_posix(): one.read_bytes() for one in sorted(path.rglob("*.csv")) if one.is_file()
        }
    with zipfile.ZipFile(path) as archive:
        return {
            one.filename: archive.read(one)
            for one in archive.infolist()
            if one.filename.lower().endswith(".csv") and not one.filename.startswith("__MACOSX")
        }


def _write(path: Path, members: dict[str, bytes]) -> None:
    if path.is_dir():
        for name, content in members.items():
            write_bytes(path / name, content)
            make_private(path / name)
        return
    trial = path.with_name(f".{path.name}.trial")
    try:
        rewrite_zip(path, trial, members)
        move_into_place(make_private(trial), path)
    finally:
        trial.unlink(missing_ok=True)


def _holds(content: bytes, ids: Collection[str]) -> bool:
    wanted = [re.escape(one.encode()) for one in ids if len(one) >= _SURE]
    pattern = rb"(?<![A-Za-z0-9])(?:" + b"|".join(wanted) + rb")(?![A-Za-z0-9])"
    return bool(wanted) and re.search(pattern, content) is not None
