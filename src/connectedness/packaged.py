"""The one place that finds packaged files: inside the wheel, or at the repository root in a checkout."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
_FOLDERS = ("flows", "data_contracts", "dashboards")


def packaged_root() -> Path:
    """Folder that holds the reference project's `flows`, `data_contracts` and `dashboards`."""
    inside_wheel = _HERE / "project"
    # An editable install does not carry force-included files, so a checkout reads them where they are kept.
    return inside_wheel if inside_wheel.is_dir() else _HERE.parents[1]


def find_file(project: Path | None, name: str) -> Path:
    """Path of a reference-project file such as `data_contracts/roster.odcs.yaml`; the project's own copy wins.

    Raises
    ------
    FileNotFoundError
        When neither the project nor the package has it.
    """
    if project is not None and (project / name).is_file():
        return project / name
    path = packaged_root() / name
    if not path.is_file():
        raise FileNotFoundError(name)
    return path


def packaged_files() -> list[str]:
    """Names, with `/`, of every file a project can customise."""
    root = packaged_root()
    paths = (path for folder in _FOLDERS for path in sorted((root / folder).rglob("*")))
    return [
        path.relative_to(root).as_posix()
        for path in paths
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    ]


def instruments_folder() -> Path:
    """Folder of the instruments that ship."""
    return _HERE / "instruments"
