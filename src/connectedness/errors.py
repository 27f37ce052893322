"""The errors a person sees. Each names the place, what was found, what is allowed and what to do next."""

from __future__ import annotations

import traceback
from pathlib import Path


class ConnectednessError(Exception):
    """Something a person can put right; printed without a traceback.

    Parameters
    ----------
    problem : str
        What is wrong, in one plain sentence.
    file, line, key, row, column
        Where: a file, a line of it, a key path in a declaration, a row and a column of a table.
    found, allowed : str, optional
        What was found (never a student's answer, text or identity) and what may stand there.
    todo : str, optional
        The next step.
    """

    exit_code = 1

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        key: str | None = None,
        row: int | None = None,
        column: str | None = None,
        found: object = None,
        allowed: object = None,
        todo: str | None = None,
    ) -> None:
        self.problem, self.file, self.line, self.key = problem, file, line, key
        self.row, self.column, self.found, self.allowed, self.todo = row, column, found, allowed, todo
        super().__init__(str(self))

    @property
    def place(self) -> str:
        """Where it is, as "survey.yaml, line 3, waves[0].id"; empty if nowhere."""
        parts = [
            None if self.file is None else str(self.file),
            None if self.line is None else f"line {self.line}",
            self.key,
            None if self.row is None else f"row {self.row}",
            None if self.column is None else f"column {self.column}",
        ]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        lines = [f"{self.place}: {self.problem}" if self.place else self.problem]
        for label, text in (("Found", self.found), ("Allowed", self.allowed), ("What to do", self.todo)):
            if text is not None:
                lines.append(f"  {label}: {text}")
        return "\n".join(lines)


class DeclarationError(ConnectednessError):
    """A YAML file, a key or a choice in it does not hold. Exit code 10."""

    exit_code = 10


class ContractError(ConnectednessError):
    """Data does not meet its contract, so nothing is published. Exit code 11."""

    exit_code = 11


class DisclosureError(ConnectednessError):
    """Publishing would tell what must stay hidden, or change what was published. Exit code 12."""

    exit_code = 12


def unexpected(error: BaseException) -> str:
    """Say where our code failed without the error's own words, which may hold a student's answer."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "connectedness" in Path(one.filename).parts]
    place = f" at {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return (
        f"This should not have happened: {type(error).__name__}{place}. What was published before is untouched.\n"
        "  What to do: report this line. Setting CONNECTEDNESS_TRACEBACK=1 shows all, which may hold answers of "
        "students: do not pass that on."
    )
