"""Putting a file into the inbox: beside its place, then into it, while no run reads; and then the record."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectedness.declare.project import Project
from connectedness.errors import ContractError
from connectedness.files import make_private, move_into_place, private_folder
from connectedness.ingest.inbox import shown_path
from connectedness.intake.judge import must_be_readable
from connectedness.intake.record import TAKEN, note_down, staged
from connectedness.intake.route import Routed
from connectedness.lifecycle.records import read_records
from connectedness.lifecycle.retention import PURGES
from connectedness.store import RunUnderWay, one_run


def inbox_of(project: Project) -> Path:
    """The inbox, which only its owner can open."""
    inbox = private_folder(project.root / "inbox")
    if os.name == "posix" and inbox.stat().st_mode & 0o077:
        make_private(inbox)
    return inbox


@contextmanager
def judged(project: Project, routed: Routed, copied: Path, shown: str) -> Iterator[Path]:
    """Give a copied file, lying beside its place, once it is known that its wave could read it; then remove it.

    Parameters
    ----------
    project : Project
    routed : Routed
    copied : Path
        The copy, anywhere on the disk of the inbox; it is moved.
    shown : str
        What errors call it.

    Raises
    ------
    ConnectednessError
        When the wave could not read it.
    """
    _private_parents(project, routed.target.parent)
    beside = staged(routed.target)
    move_into_place(copied, beside)
    try:
        must_be_readable(project, routed, beside, shown)
        yield beside
    finally:
        beside.unlink(missing_ok=True)


def put(project: Project, routed: Routed, beside: Path, sha256: str, name: str, wait_s: float = 0) -> None:
    """Move a judged file into its place, and record it; `name` is its name in the landing folder.

    Raises
    ------
    RunUnderWay
        When a run is reading the inbox, after `wait_s` seconds; nothing has been changed.
    """
    facts = {"sha256": sha256, "file": name, "at": shown_path(project, routed.target), "kind": routed.kind}
    with one_run(project.root, wait_s):
        size = beside.stat().st_size
        move_into_place(beside, routed.target)
        note_down(project, TAKEN, wave=routed.wave.id, bytes=size, **facts)


def must_not_be_purged(project: Project, wave: str) -> None:
    """Refuse a late file of a wave whose other files have been deleted: read alone, it would replace them all."""
    if any(one.get("wave") == wave for one in read_records(project.store / PURGES)):
        raise ContractError(
            f"the files of wave {wave} have been deleted, so this one would be read alone, in place of them all.",
            todo="If the wave must be run again, export it anew, whole, and put that into its inbox yourself.",
        )


@contextmanager
def one_look(project: Project, wait_s: float = 0) -> Iterator[None]:
    """Let one look, or one acceptance, work at a time.

    Raises
    ------
    RunUnderWay
        When another is at work.
    """
    from filelock import FileLock, Timeout

    private_folder(project.store)
    try:
        with FileLock(project.store / ".intake.lock", timeout=wait_s):
            yield
    except Timeout:
        raise RunUnderWay(
            "another look at the landing folder is under way.",
            file=project.root,
            todo="Wait until it has ended, then try again. Nothing has been changed.",
        ) from None


def _private_parents(project: Project, folder: Path) -> None:
    inbox = inbox_of(project)
    for part in reversed([folder, *folder.parents]):
        if part.is_relative_to(inbox):
            private_folder(part)
