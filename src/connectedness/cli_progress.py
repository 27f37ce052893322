"""How far a run has come, for whoever waits for it: a bar at a terminal, few plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

Tell = Callable[[str], None]
Reading = Callable[[int, int], None]

_SOON_READ = 20_000_000
"""Bytes that are read before anybody wonders."""
_ROOMS = {
    "ingest": "reading the exports",
    "validate": "checking rows against their contracts",
    "score": "scoring",
    "examine": "seeing whether the scales hold together",
    "measure": "estimating",
    "release": "protecting and releasing",
    "publish": "drawing pages",
}


@contextmanager
def shown_progress(wave: str, *, silent: bool) -> Iterator[tuple[Tell, Reading]]:
    """Give what is called with the name of each room, and what is called with the bytes of exports read, of all."""
    if silent:
        yield lambda room: None, lambda done, of: None
        return
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(console, wave) as both:
            yield both
    else:
        yield _plain_lines(wave)


@contextmanager
def _bar(console: Console, wave: str) -> Iterator[tuple[Tell, Reading]]:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[share]}")
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        tasks = [progress.add_task(f"Wave {wave}: starting", total=None, share="")]

        def tell(room: str) -> None:
            progress.remove_task(tasks.pop())
            tasks.append(progress.add_task(_line(wave, room), total=None, share=""))

        def reading(done: int, of: int) -> None:
            progress.update(tasks[0], total=of, completed=done, share=f"{_percent(done, of)}%")

        yield tell, reading


def _plain_lines(wave: str) -> tuple[Tell, Reading]:
    """A line a room; while much is read, also one at most each ten percent."""
    told = [0]

    def tell(room: str) -> None:
        told[0] = 0
        print(_line(wave, room), file=sys.stderr, flush=True)

    def reading(done: int, of: int) -> None:
        tens = _percent(done, of) // 10
        if of > _SOON_READ and told[0] < tens < 10:
            print(f"{_line(wave, 'ingest')} {tens * 10}%", file=sys.stderr, flush=True)
        told[0] = max(told[0], tens)

    return tell, reading


def _line(wave: str, room: str) -> str:
    return f"Wave {wave}: {_ROOMS[room]} ..."


def _percent(done: int, of: int) -> int:
    return 100 * done // of if of else 100
