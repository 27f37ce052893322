"""The privacy inventory as Markdown, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any


def inventory_text(found: dict[str, Any]) -> str:
    """Write the inventory as Markdown; `found` is what `inventory` gives."""
    survey = found["survey"]
    lines = [
        f"# Privacy inventory: {survey['title']}",
        "",
        f"Survey `{survey['id']}`, as of {survey['as_of']}, made by connectedness {survey['engine']} from the "
        "project's own declarations, contracts and records. It is a part of a privacy impact assessment, not the "
        "whole: the purposes, legal authority, notices and agreements are the district's to state.",
        "",
        *(["**Synthetic: no person in this survey exists.**", ""] if survey["synthetic"] else []),
        "Students answer without a token, so nobody's rows can be traced."
        if survey["anonymous"]
        else "Students answer with a token. Rows are pseudonymous, which is still personal information.",
        "",
    ]
    for section in (_fields, _places, _flows, _taking_part, _modules, _retention, _method, _network, _audit, _ledger):
        lines += [*section(found), ""]
    return "\n".join(lines).rstrip() + "\n"


def _fields(found: dict[str, Any]) -> list[str]:
    lines = [
        "## Fields",
        "",
        "`identifier` never leaves `inbox/`; `internal` never leaves the building; `quasi-identifier` leaves in "
        "research rows, blanked where rare; `restricted-use` leaves in research rows, and of estimates as protected "
        "numbers of groups. A column that is `identifier "
        "or unknown` is never read, and lies in `inbox/` until purge; so does any of a file that has not been run.",
    ]
    for table, fields in groupby(found["fields"], key=lambda one: str(one["table"])):
        listed = list(fields)
        rows = [[one["field"], one["classification"], one["description"], one["purpose"]] for one in listed]
        lines += [
            "",
            f"### {table[0].upper()}{table[1:]}",
            "",
            f"Kept in {listed[0]['kept']}.",
            "",
            *_table(("Field", "Class", "What it is", "Why"), rows),
        ]
    return lines


def _places(found: dict[str, Any]) -> list[str]:
    rows = [[one["place"], one["holds"], one["retention"], one["access"]] for one in found["places"]]
    return ["## Where it is kept, how long, and who can open it", "", *_table(("Place", "Holds", "Kept", "Who"), rows)]


def _flows(found: dict[str, Any]) -> list[str]:
    rows = [[one["from"], one["to"], one["what"], one["identifiers"]] for one in found["flows"]]
    return ["## Flows", "", *_table(("From", "To", "What", "Identifiers"), rows)]


def _taking_part(found: dict[str, Any]) -> list[str]:
    lines = ["## Consent, assent, opting out, withdrawal", ""]
    parts = found["participation"]
    if not parts:
        lines.append(
            "Neither a column map nor the roster names a column of consent, assent or opting out: every row is read."
        )
    rows = [
        [one["wave"], one["place"], one["column"], ", ".join(one["agreed"]), one["missing"], one["reason"]]
        for one in parts
    ]
    lines += _table(("Wave", "In", "Column", "Takes part if", "Empty counts as", "Reason given"), rows) if rows else []
    gone = found["withdrawals"]
    lines += ["", f"Students who withdrew: {gone['students']}, in {gone['acts']} acts (`store/withdrawals.jsonl`)."]
    if gone["unfinished_waves"] or gone["files_to_mend_by_hand"]:
        lines.append(
            f"**Not finished:** waves {', '.join(gone['unfinished_waves']) or 'none'}; files to mend by hand: "
            f"{gone['files_to_mend_by_hand']}. Run `connectedness forget` again."
        )
    return lines


def _modules(found: dict[str, Any]) -> list[str]:
    rows = [[one["title"], "on" if one["on"] else "off", one["legal_question"]] for one in found["modules"]]
    body = _table(("Module", "State", "Question to settle first"), rows) if rows else ["None."]
    return ["## Sensitive modules", "", *body]


def _retention(found: dict[str, Any]) -> list[str]:
    kept = found["retention"]
    rows = [
        [
            one["wave"],
            "closed" if one["closed"] else "open",
            one["files_may_stay_until"] or "the wave is open",
            str(one["files_in_inbox"]),
            ", ".join(one["purged"]) or "never",
        ]
        for one in kept["waves"]
    ]
    head = ("Wave", "State", "Files may stay until", "Files in the inbox", "Purged")
    lines = ["## Retention of identifiers", "", f"`retention_days: {kept['days']}`", "", *_table(head, rows)]
    if kept["files_of_no_wave"]:
        lines += ["", f"**{kept['files_of_no_wave']} files of the inbox belong to no wave; a purge leaves them.**"]
    if kept["landed_kept_for_a_person"]:
        lines += ["", f"Files that landed and are set aside or wait for a person: {kept['landed_kept_for_a_person']}."]
    return lines


def _method(found: dict[str, Any]) -> list[str]:
    how = found["deidentification"]
    least = " and ".join(f"{number} ({audience})" for audience, number in how["minimum"].items())
    return [
        "## How people are kept unknown",
        "",
        f"- **Pseudonyms.** {how['pseudonym']}",
        f"- **Numbers of groups.** Policy `{how['policy']['id']}`, version {how['policy']['version']}: at least "
        f"{least} students stand behind a number; no policy can go under {how['floor']}. What could be worked out "
        f"from other numbers is hidden too. Under {how['coarse_under']} students, numbers are told coarsely.",
        f"- **Rows for research.** Each combination of {', '.join(how['rows']['quasi_identifiers'])} is shared by "
        f"{how['rows']['k']} students or more, or is blanked; sensitive modules never leave.",
        "- No score, flag or prediction about a single student is shown to anybody.",
    ]


def _network(found: dict[str, Any]) -> list[str]:
    return ["## Network", "", *(f"- {one}" for one in found["network"])]


def _audit(found: dict[str, Any]) -> list[str]:
    lines = ["## Attack on what is published", ""]
    if not found["audit"]:
        return [*lines, "Nothing is published yet."]
    rows = [
        [
            one["release"],
            one["wave"],
            str(one["minimum"]),
            f"{one['shown']:,}",
            f"{one['hidden']:,}",
            str(one["recovered"]),
        ]
        for one in found["audit"]
    ]
    lines += ["Made anew for this inventory, by subtraction over units, groups and levels.", ""]
    lines += _table(("Release", "Wave", "Minimum", "Shown", "Hidden", "Recovered"), rows)
    return [*lines, "", *_recovered(found["audit"])]


def _recovered(attacks: Sequence[dict[str, Any]]) -> list[str]:
    """The result of the attack as sentences, and what to do where it found something."""
    told = [one for one in attacks if one["recovered"]]
    if not told:
        return ["Nothing was recovered: no hidden number follows from those that are shown."]
    waves = list(dict.fromkeys(str(one["wave"]) for one in told))
    counts = "; ".join(f"of {one['release']}, wave {one['wave']}: {one['recovered']:,}" for one in told)
    again = ", then ".join(f"`connectedness reissue --wave {wave}`" for wave in waves)
    return [
        f"**Hidden numbers can be worked out from what is shown ({counts}).** Take the pages of these releases down, "
        "tell whoever has a copy not to pass it on, and release the waves anew with the version that is installed "
        f"now: {again}. Make this inventory again; if it still says so, publish nothing, and tell the makers.",
    ]


def _ledger(found: dict[str, Any]) -> list[str]:
    if not found["ledger"]:
        return ["## What has been released, and to whom", "", "Nothing."]
    rows = [
        [one["when"][:10], one["release"], one["kind"], one["recipient"], f"{one['policy']} {one['policy_version']}"]
        for one in found["ledger"]
    ]
    return ["## What has been released, and to whom", "", *_table(("Date", "Release", "Kind", "To", "Policy"), rows)]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows),
    ]
