"""Who and what stands behind a release: publisher, licence, instruments and their sources, its day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_DOI = re.compile(r"\bdoi:? *(10\.\d{4,9}/\S+)", re.IGNORECASE)


def newest_end(codebook: Mapping[str, Any]) -> str:
    """Last day of the newest wave of a release, as in 2026-10-23."""
    return str(max(wave["window"][1] for wave in codebook["waves"]))


def licences(codebook: Mapping[str, Any]) -> list[dict[str, str]]:
    """Licence of the data; none where none is declared, since nobody may guess one."""
    declared = codebook["publication"].get("licence")
    return [declared] if declared else []


def contributors(codebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The publisher, where one is declared."""
    publisher = codebook["publication"].get("publisher")
    if not publisher:
        return []
    return [{"title": publisher["name"], **_contact(publisher, "email", "path"), "roles": ["publisher"]}]


def authors(codebook: Mapping[str, Any]) -> list[dict[str, str]]:
    """The publisher; the survey itself where none is declared, since a citation must name an author."""
    publisher = codebook["publication"].get("publisher") or {"name": codebook["survey"]["title"]["en"]}
    return [{"name": publisher["name"], **_contact(publisher, "email", "website")}]


def _contact(publisher: Mapping[str, str], mail: str, web: str) -> dict[str, str]:
    contact = publisher.get("contact")
    if not contact:
        return {}
    return {web if contact.startswith(("https://", "http://")) else mail: contact}


def sources(codebook: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each instrument with each of its sources, and the address of those that have a DOI."""
    found = []
    for one in codebook["instruments"]:
        name, _, version = one["pinned"].partition("@")
        for text in one["source"]:
            doi = doi_in(text)
            told = {"title": f"{one['title']['en']} ({name}): {text}", "version": version}
            found.append(told | ({"path": f"https://doi.org/{doi}"} if doi else {}))
    return found


def doi_in(text: str) -> str | None:
    """The first DOI that a source names."""
    found = _DOI.search(text)
    return found[1].rstrip(".,;") if found else None
