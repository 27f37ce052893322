"""Where the command starts a Prefect flow: on the server that `PREFECT_API_URL` names, else on an embedded one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectedness.errors import ConnectednessError, unexpected
from connectedness.packaged import find_file

if TYPE_CHECKING:
    from prefect import Flow


class RunStopped(Exception):
    """What Prefect is told when a run stops: the exit code, and where to read why. `original` is never printed by it.

    Parameters
    ----------
    original : Exception
        What was raised; another `RunStopped` gives its own original.
    """

    def __init__(self, original: BaseException) -> None:
        self.original: BaseException = original.original if isinstance(original, RunStopped) else original
        self.exit_code = self.original.exit_code if isinstance(self.original, ConnectednessError) else 1
        kind = type(self.original).__name__
        super().__init__(f"The run stopped ({kind}, exit code {self.exit_code}). The analyst's page says why.")

    def words(self) -> str:
        """What a person at the terminal may read: our own errors whole, any other's kind and place only."""
        return str(self.original) if isinstance(self.original, ConnectednessError) else unexpected(self.original)


_listeners: list[Callable[[str], None]] = []
_readers: list[Callable[[int, int], None]] = []


def tell(room: str) -> None:
    """Say in this process's terminal, if one listens, which room a run has come to; Prefect is not told."""
    for listener in _listeners:
        listener(room)


def tell_reading(done: int, of: int) -> None:
    """Say in this process's terminal, if one listens, how many bytes of the exports have been read."""
    for reader in _readers:
        reader(done, of)


def quiet_prefect(level: str = "WARNING") -> None:
    """Turn off what Prefect would send or print unasked; must come before Prefect is imported."""
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", level)
    os.environ.setdefault("PREFECT_SERVER_LOGGING_LEVEL", "ERROR")
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "90")


_FILES = {"process_wave": "flows/wave.py", "intake": "flows/intake.py"}


def load_flow(root: Path | None = None, name: str = "process_wave") -> Flow[..., Any]:
    """Load `process_wave`, or `intake`, from the project's flow file, else from the packaged one."""
    quiet_prefect()
    from prefect.flows import load_flow_from_entrypoint

    return load_flow_from_entrypoint(f"{find_file(root, _FILES[name])}:{name}", use_placeholder_flow=False)


def run_flow(
    root: Path,
    wave: str,
    *,
    reissue: bool = False,
    tell: Callable[[str], None] | None = None,
    reading: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Run `process_wave` in this process, seen by the Prefect server; return its totals.

    `tell`, if given, is called with the name of each room before its work begins; `reading`, while the exports are
    read, with the bytes read so far and the bytes that there are.

    Raises
    ------
    ConnectednessError
        The original error of a stopped run, with its own words and exit code.
    """
    # The command says in its own words what went wrong; Prefect's tracebacks would bury them.
    quiet_prefect("CRITICAL")
    process_wave = load_flow(root)
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    _listeners[:], _readers[:] = [tell] if tell else [], [reading] if reading else []
    try:
        # Without this each flow run waits a second for its heartbeat thread to end.
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            totals: dict[str, Any] = process_wave(str(root), wave, reissue)  # type: ignore[assignment]
            return totals
    except RunStopped as stopped:
        raise stopped.original from None
    finally:
        _listeners.clear()
        _readers.clear()


def __getattr__(name: str) -> Any:
    # `flows/prefect.yaml` names a flow as `connectedness.flowrun.process_wave`, which exists wherever the wheel is.
    if name in _FILES:
        return load_flow(None, name)
    raise AttributeError(name)
