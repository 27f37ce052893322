"""From one release to one site: a page for the district, one for each school, and how the scores are made."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment

from connectedness.dashboard.blocks import adults_blocks, practices_block, trend_block
from connectedness.dashboard.cards import cards, careless_rule, summary
from connectedness.dashboard.groups import breakdown_blocks, everyone, page_name, units_blocks
from connectedness.dashboard.method import method
from connectedness.dashboard.pages import environment, share_assets, write_assets, write_page
from connectedness.dashboard.parts import Block
from connectedness.dashboard.reading import Released, read_release
from connectedness.dashboard.view import View
from connectedness.dashboard.words import Words, read_theme, read_words
from connectedness.errors import ConnectednessError
from connectedness.files import full_disk_explained, legal_name, recover_folder, replace_folder, write_text

MARK = "site.json"
"""File that says a folder is a site of ours, and of which release; only such a folder is ever replaced."""


def build_site(release: Path, out: Path, project_root: Path | None = None) -> list[Path]:
    """Build the pages of a release; put them where `out` is, whole, when every page is written.

    Parameters
    ----------
    release : Path
        A release folder: `codebook.json`, `manifest.json`, `estimates/*.parquet`.
    out : Path
        Folder of the site. An older site there is replaced, and schools that are no longer in the release go with it.
    project_root : Path, optional
        A project whose own `dashboards/` files win over the packaged ones.

    Returns
    -------
    list of Path
        Every page, the district's first.

    Raises
    ------
    ConnectednessError
        When `release` is not a release, or `out` holds something that is not a site.
    DeclarationError
        When the project's texts or theme do not hold.
    """
    release, out = Path(release), Path(out)
    released, theme = read_release(release), read_theme(project_root)
    languages = ["en"] + (["fr"] if "fr" in released.survey["languages"] else [])
    words = [read_words(language, project_root) for language in languages]
    with site_folder(out) as beside:
        site = _Site(released, theme, words, environment(project_root))
        write_assets(beside / "assets", theme, project_root)
        pages = site.write_district(beside)
        for unit in released.units("school"):
            if not View(released, words[0], theme, "school", unit["unit"]).is_widest and released.anything_shown(
                "school", unit["unit"]
            ):
                folder = beside / "schools" / legal_name(unit["unit"])
                share_assets(beside / "assets", folder / "assets")
                pages += site.write_school(folder, unit["unit"])
        mark(beside, release=released.name)
    return [out / page.relative_to(beside) for page in pages]


@dataclass(frozen=True)
class _Site:
    released: Released
    theme: dict[str, Any]
    words: list[Words]
    made: Environment

    def write_district(self, folder: Path) -> list[Path]:
        kind, unit = self.released.widest
        return self._write(folder, kind, unit, "district.html.j2", units_blocks)

    def write_school(self, folder: Path, unit: str) -> list[Path]:
        return self._write(folder, "school", unit, "school.html.j2", lambda view: [])

    def _write(self, folder: Path, kind: str, unit: str, template: str, more: Any) -> list[Path]:
        pages = []
        for words in self.words:
            view = View(self.released, words, self.theme, kind, unit)
            shared = self._shared(view)
            blocks = [trend_block(view), *adults_blocks(view), practices_block(view), *breakdown_blocks(view)]
            shown: list[Block] = [block for block in (*more(view), *blocks) if block is not None]
            answered, caution = view.answered()
            pages.append(
                write_page(self.made, template, folder / page_name("index", words.language), words, **shared,
                           others=self._others("index", words), answered=answered, caution=caution,
                           everyone=everyone(view), cards=cards(view), careless=careless_rule(view),
                           summary=summary(view), blocks=shown)
            )  # fmt: skip
            pages.append(
                write_page(self.made, "method.html.j2", folder / page_name("method", words.language), words, **shared,
                           others=self._others("method", words), method=method(view))
            )  # fmt: skip
        return pages

    def _shared(self, view: View) -> dict[str, Any]:
        survey, words = self.released.survey, view.words
        return {
            "unit": view.title,
            "survey": words.title(survey["title"], survey["id"]),
            "is_widest": view.is_widest,
            "wave": view.wave_title(view.wave),
            "open_wave": not view.wave["closed"],
            "synthetic": survey["synthetic"],
            "release": self.released.name,
            "audience": self.released.codebook["audience"],
            "engine": self.released.codebook["engine"],
            "index": page_name("index", words.language),
            "method_page": page_name("method", words.language),
            "hidden": view.hidden,
        }

    def _others(self, name: str, own: Words) -> list[tuple[str, str, str]]:
        """The same page in the other languages: language, name of the language, file."""
        return [(w.language, w("language.name"), page_name(name, w.language)) for w in self.words if w is not own]


@contextmanager
def site_folder(out: Path) -> Iterator[Path]:
    """Give a new folder beside `out`; put it in place when the block ends well, remove it when it does not.

    Raises
    ------
    ConnectednessError
        When `out` holds something that is not a site of ours, or the disk is full.
    """
    recover_folder(out)
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not is_site(out))):
        raise ConnectednessError(
            "this folder holds something that is not a site of ours, so it was not replaced.",
            file=out,
            todo="Name an empty or a new folder for the pages.",
        )
    beside = out.with_name(f".{out.name}.{os.getpid()}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        with full_disk_explained(out):
            beside.mkdir(parents=True)
            yield beside
        replace_folder(beside, out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def mark(folder: Path, **facts: str) -> None:
    """Mark a folder as a site of ours."""
    write_text(folder / MARK, json.dumps({"made_by": "connectedness", **facts}, sort_keys=True) + "\n")


def is_site(folder: Path) -> bool:
    """Whether a folder is a site of ours."""
    try:
        return bool(json.loads((folder / MARK).read_text(encoding="utf-8")).get("made_by") == "connectedness")
    except (OSError, ValueError, AttributeError):
        return False
