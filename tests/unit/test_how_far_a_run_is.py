"""How far a run has come is shown to whoever waits, and nothing else is."""

from __future__ import annotations

import io

from rich.console import Console

from connectedness import cli_progress
from connectedness.cli_progress import shown_progress

LARGE = 200_000_000


def test_elsewhere_than_at_a_terminal_a_line_a_room_and_one_each_ten_percent(capsys):
    with shown_progress("w1", silent=False) as (tell, reading):
        tell("ingest")
        for done in range(0, LARGE + 1, LARGE // 50):
            reading(done, LARGE)
        tell("validate")
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0] == "Wave w1: reading the exports ..."
    assert [line.rpartition(" ")[2] for line in lines[1:-1]] == [f"{tens}%" for tens in range(10, 100, 10)]
    assert lines[-1] == "Wave w1: checking rows against their contracts ..."


def test_what_is_soon_read_has_one_line(capsys):
    with shown_progress("w1", silent=False) as (tell, reading):
        tell("ingest")
        reading(500, 1_000)
        reading(0, 0)
    assert capsys.readouterr().err == "Wave w1: reading the exports ...\n"


def test_silence_where_json_is_wanted(capsys):
    with shown_progress("w1", silent=True) as (tell, reading):
        tell("ingest")
        reading(5, LARGE)
    assert capsys.readouterr() == ("", "")


def test_a_bar_at_a_terminal():
    screen = io.StringIO()
    with cli_progress._bar(Console(file=screen, force_terminal=True, width=100), "w1") as (tell, reading):
        tell("ingest")
        reading(LARGE // 4, LARGE)
        reading(LARGE // 2, LARGE)
        tell("score")
    assert "Wave w1: scoring" in screen.getvalue()
