"""The citation of a release: how to cite the data, what they were asked with, and what made them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from connectedness.files import write_text
from connectedness.release.folder import CITATION
from connectedness.release.package_people import authors, doi_in, newest_end

# The format takes only names of the SPDX list; these are the ones that public data are given under.
_SPDX = re.compile(
    r"CC0-1\.0|CC-BY(-NC)?(-SA|-ND)?-[1-4]\.0|ODbL-1\.0|ODC-By-1\.0|PDDL-1\.0|OGL-Canada-2\.0|OGL-UK-3\.0"
)
_CFF_DOI = re.compile(r"10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+")


def write_citation(folder: Path, codebook: Mapping[str, Any], *, version: str, told: str) -> None:
    """Write `CITATION.cff`, version 1.2.0 of the format.

    `date-released` is the last day of the newest wave: a day read off a clock would change the bytes of the same data.
    """
    windows = "; ".join(f"{one['id']} ({one['window'][0]} to {one['window'][1]})" for one in codebook["waves"])
    published = codebook["publication"]
    citation = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them, and the software that made them.",
        "type": "dataset",
        "title": codebook["survey"]["title"]["en"],
        "version": version,
        "date-released": newest_end(codebook),
        "authors": authors(codebook),
        "abstract": f"{told} Waves: {windows}.",
        "keywords": published.get("keywords"),
        **_licence(published.get("licence") or {}),
        "url": published.get("url"),
        "doi": published.get("doi"),
        "references": [*(_instrument(one) for one in codebook["instruments"]), _engine(codebook["engine"])],
    }
    kept = {name: one for name, one in citation.items() if one}
    write_text(folder / CITATION, yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=1000))


def _licence(licence: Mapping[str, str]) -> dict[str, str]:
    if _SPDX.fullmatch(licence.get("name", "")):
        return {"license": licence["name"]}
    return {"license-url": licence["path"]} if "path" in licence else {}


def _instrument(one: Mapping[str, Any]) -> dict[str, Any]:
    """An instrument. Its declaration has sources and no list of authors, and a citation must name some."""
    name, _, version = one["pinned"].partition("@")
    title = one["title"]["en"]
    dois = [doi for doi in map(doi_in, one["source"]) if doi and _CFF_DOI.fullmatch(doi)]
    return {
        "type": "generic",
        "title": f"{title} ({name})",
        "version": version,
        "authors": [{"name": f"The authors of {title}"}],
        "notes": " ".join(one["source"]),
        **({"identifiers": [{"type": "doi", "value": doi} for doi in dict.fromkeys(dois)]} if dois else {}),
    }


def _engine(version: str) -> dict[str, Any]:
    return {
        "type": "software",
        "title": "connectedness",
        "version": version,
        "license": "GPL-3.0-or-later",
        "authors": [{"name": "The connectedness maintainers"}],
    }
