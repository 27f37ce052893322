"""What becomes of each file in one look: taken, kept for a person, or left for the next look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectedness.declare.project import Project
from connectedness.errors import ConnectednessError, ContractError, unexpected
from connectedness.intake.aside import keep_for_a_person, shown_name
from connectedness.intake.judge import is_oneroster, sentences
from connectedness.intake.landing import Landed, Landing, Unreachable
from connectedness.intake.place import inbox_of, judged, must_not_be_purged, put
from connectedness.intake.record import Had, Looks, staged
from connectedness.intake.route import Routed, route
from connectedness.store import RunUnderWay

_COUNTED = ("settling", "taken", "set_aside", "waiting", "had", "put_off", "not_reached", "not_legal")


@dataclass
class Looked:
    """What one look found. Only `lines` and `waits` are for a person's terminal; the rest are counts.

    Attributes
    ----------
    counts : dict
        Files that are `settling`, `taken`, `set_aside`, `waiting` (late), `had` before, `put_off` (a run is reading),
        `not_reached`, and `not_legal` (names that no system should have).
    by_wave : dict
        Files taken, by wave.
    to_run : list of str
        Waves to run now.
    waits : dict
        Waves that hold something new and wait, and for what.
    lines : list of str
        A sentence for each file that something was done with.
    kept : int
        Files that are set aside or wait, those of earlier looks among them.
    """

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    by_wave: dict[str, int] = field(default_factory=dict)
    to_run: list[str] = field(default_factory=list)
    waits: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    kept: int = 0

    def totals(self) -> dict[str, Any]:
        """Counts and waves; no file, no school, no row."""
        return {**self.counts, "kept": self.kept, "by_wave": self.by_wave, "to_run": self.to_run}


class _NotPut(Exception):
    """A sound file could not be put into its place: a disk is full, or a program holds the place."""


@dataclass
class Round:
    """One look's work on its files."""

    project: Project
    landing: Landing
    looks: Looks
    found: Looked
    now: datetime
    rules: str

    def has_settled(self, file: Landed) -> bool:
        """Whether a file has been as it is for long enough, and was not decided upon."""
        declared = self.project.survey.intake
        quiet = timedelta(minutes=declared.settle_minutes if declared else 0)
        unchanged = self.looks.see(file.name, file.mark, self.now)
        if unchanged is None or unchanged < quiet:
            self.found.counts["settling"] += 1
            return False
        if self.looks.is_decided(file.name, self.rules):
            self.found.counts["had"] += 1
            return False
        return True

    def decide(self, file: Landed) -> None:
        """Take a file, or keep it for a person; whatever is wrong with it concerns it alone."""
        copied = staged(inbox_of(self.project) / file.basename)
        try:
            sha256 = self._fetched(file, copied)
            if sha256 is not None:
                self._judged(file, copied, sha256)
        except Unreachable:
            self._count("not_reached")
        except RunUnderWay:
            self._count("put_off")
        except _NotPut as error:
            self._count("put_off")
            self.found.lines.append(str(error))
        finally:
            copied.unlink(missing_ok=True)

    def _fetched(self, file: Landed, copied: Path) -> str | None:
        """Copy a file and fingerprint it; None where it changed meanwhile, and so has not settled."""
        before = self.landing.now(file.name)  # a driver may tell more, or less, of one file than in a list of them
        try:
            sha256 = self.landing.fetch(file.name, copied)
        except FileNotFoundError:
            return None
        after = self.landing.now(file.name)
        if after is None or after != before or after.size != file.size:
            self.looks.files.pop(file.name, None)
            self._count("settling")
            return None
        return sha256

    def _judged(self, file: Landed, copied: Path, sha256: str) -> None:
        shown = shown_name(self.project, file.basename, sha256)
        routed: Routed | None = None
        try:
            routed = self._routed(file, copied, sha256)
            if routed is None:
                self._done(file, sha256, "had")
                return
            if routed.wave.closed:
                must_not_be_purged(self.project, routed.wave.id)
            with judged(self.project, routed, copied, shown) as beside:
                self._go_on(file, beside, sha256, shown, routed)
        except (RunUnderWay, Unreachable, _NotPut):
            raise
        except Exception as error:  # a file may break any reader; it must not stop the others
            note = sentences(error) if isinstance(error, ConnectednessError) else [unexpected(error).splitlines()[0]]
            self._aside(file, sha256, shown, routed, note)

    def _go_on(self, file: Landed, beside: Path, sha256: str, shown: str, routed: Routed) -> None:
        """What becomes of a file that its wave could read. What fails here is not the file's fault."""
        wave = routed.wave.id
        try:
            if routed.wave.closed:
                self._late(file, sha256, shown, wave)
                return
            put(self.project, routed, beside, sha256, file.name)
        except (RunUnderWay, Unreachable):
            raise
        except (ConnectednessError, OSError) as error:
            raise _NotPut(str(error)) from error
        self.found.by_wave[wave] = self.found.by_wave.get(wave, 0) + 1
        self._done(file, sha256, "taken", f"{shown}: taken into wave {wave}.")

    def _routed(self, file: Landed, copied: Path, sha256: str) -> Routed | None:
        """Where a file goes; None where it has been had."""
        had = Had.of(self.project)
        again = had.bytes_of(sha256)
        day = self.now.astimezone(ZoneInfo(self.project.survey.timezone)).date()
        try:
            routed = route(self.project, file.name, day, roster=is_oneroster(self.project, copied))
        except ContractError:
            if again:  # it is known whose it is, whatever its name says now
                return None
            raise
        if any(one["wave"] == routed.wave.id or not routed.told for one in again):
            return None
        if not routed.told:
            _must_be_same_wave(had.fed_by(file.name), routed.wave.id)
        self._must_have_one_source(had, routed, file)
        return routed

    def _must_have_one_source(self, had: Had, routed: Routed, file: Landed) -> None:
        """Two files of the landing folder must not take turns in one place of the inbox."""
        place_in_inbox = routed.target.relative_to(self.project.root).as_posix()
        before = had.places.get(place_in_inbox)
        if before and before["file"] != file.name and self.landing.now(before["file"]) is not None:
            raise ContractError(
                "another file of the landing folder goes to the same place in the inbox, and only one can lie there.",
                found=place_in_inbox,
                todo="Take the older of the two out of the landing folder, or give one another name.",
            )

    def _late(self, file: Landed, sha256: str, shown: str, wave: str) -> None:
        note = [
            f"The wave {wave} is closed (closed: true in survey.yaml), and this file came after that.",
            "What to do: decide whether its answers count. What has been published stays until you publish anew.",
        ]
        keep_for_a_person(self.project, self.landing, file, sha256, note, wave, late=True)
        self._done(file, sha256, "waiting", f"{shown}: waits for a person, since wave {wave} is closed.")

    def _aside(self, file: Landed, sha256: str, shown: str, routed: Routed | None, note: list[str]) -> None:
        wave = routed.wave.id if routed else None
        keep_for_a_person(self.project, self.landing, file, sha256, note, wave, late=False)
        self._done(file, sha256, "set_aside", f"{shown}: set aside. " + " ".join(note))

    def _done(self, file: Landed, sha256: str, what: str, line: str | None = None) -> None:
        self.looks.decided(file.name, sha256, self.rules)
        self._count(what)
        if line:
            self.found.lines.append(line)

    def _count(self, what: str) -> None:
        self.found.counts[what] += 1


def _must_be_same_wave(fed: list[str], wave: str) -> None:
    """A name that has fed one wave does not silently begin to feed the next."""
    if fed and wave not in fed:
        raise ContractError(
            f"a file of this name has belonged to the wave {', '.join(fed)} until now, so it is not known whether this "
            f"one belongs to {wave}.",
            todo=f"If it does, put it into the folder {wave}/, or declare a route in survey.yaml.",
        )
