"""The privacy inventory: what a survey holds of whom, why, where, how long, and how it is protected.

Everything in it is read from the project as it is: declarations, contracts, records, and an attack on the releases
that are current. It tells of fields and counts, and of no student.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectedness import __version__
from connectedness.declare.intake import is_url
from connectedness.declare.policy import FLOOR
from connectedness.declare.project import Project
from connectedness.ingest.consent import read_withdrawn
from connectedness.intake.record import kept_for_a_person
from connectedness.lifecycle.inventory_audit import attack_releases
from connectedness.lifecycle.inventory_fields import all_fields
from connectedness.lifecycle.inventory_text import inventory_text
from connectedness.lifecycle.owners import inbox_owners
from connectedness.lifecycle.records import read_records
from connectedness.lifecycle.retention import PURGES, retention_end
from connectedness.lifecycle.withdrawal import WITHDRAWALS

__all__ = ["inventory", "inventory_text"]


def inventory(project: Project, today: date | None = None) -> dict[str, Any]:
    """Gather the inventory.

    Parameters
    ----------
    project : Project
    today : date, optional
        By default today on the survey's clock.

    Returns
    -------
    dict
        JSON-able: `survey`, `fields`, `places`, `flows`, `participation`, `modules`, `retention`, `deidentification`,
        `network`, `audit`, `ledger`, `withdrawals`.
    """
    survey = project.survey
    return {
        "survey": {
            "id": survey.id,
            "title": survey.title.en,
            "synthetic": survey.synthetic,
            "anonymous": survey.anonymous,
            "as_of": str(today or datetime.now(ZoneInfo(survey.timezone)).date()),
            "engine": __version__,
        },
        "fields": all_fields(project),
        "places": _places(project),
        "flows": _flows(project),
        "participation": _participation(project),
        "modules": _modules(project),
        "retention": _retention(project),
        "deidentification": _deidentification(project),
        "network": _network(project),
        "audit": attack_releases(project),
        "ledger": _ledger(project),
        "withdrawals": _withdrawals(project),
    }


_FLOWS = [
    {
        "from": "survey tool and student information system",
        "to": "inbox/",
        "what": "exports and rosters as received; a person or the district's own transfer puts them there",
        "identifiers": "yes",
    },
    {
        "from": "inbox/",
        "to": "store/<wave>/",
        "what": "columns that the map or the roster declaration names; tokens become pseudonyms as they are read",
        "identifiers": "no",
    },
    {
        "from": "store/<wave>/estimates",
        "to": "store/releases/ (internal, public)",
        "what": "numbers of groups, after suppression and after an attack on the result found nothing",
        "identifiers": "no",
    },
    {
        "from": "store/<wave>/ rows",
        "to": "store/releases/rows-<research project>",
        "what": "pseudonymous rows for one named research project, on request, with pseudonyms of that project alone",
        "identifiers": "no",
    },
    {"from": "store/releases/", "to": "site/", "what": "pages, made from releases only", "identifiers": "no"},
]


def _flows(project: Project) -> list[dict[str, str]]:
    if project.survey.intake is None:
        return _FLOWS
    landed = {
        "from": f"{project.survey.intake.landing} (the landing folder)",
        "to": "inbox/",
        "what": "files that a wave can read, copied as they are; the others stay, with a note",
        "identifiers": "yes",
    }
    return [landed, *_FLOWS]


def _places(project: Project) -> list[dict[str, str]]:
    days = project.survey.retention_days
    analyst = "the account that runs the survey (folder mode 0700)"
    until = "until the district deletes it"
    return [
        {
            "place": "inbox/",
            "holds": "exports and rosters as received: the only place with identifiers",
            "retention": f"{days} days after the window of a closed wave ended, then connectedness purge",
            "access": analyst,
        },
        *_landing(project),
        {
            "place": "store/<wave>/, store/quarantine/",
            "holds": "pseudonymous rows, scores, unprotected estimates, where rows were set aside",
            "retention": until + "; of one student: connectedness forget",
            "access": analyst,
        },
        {
            "place": "store/<wave>/invariance/",
            "holds": "answers by group, without pseudonym and in random order, where a test of invariance was prepared",
            "retention": until + "; removed when a student of the wave is forgotten",
            "access": analyst,
        },
        {
            "place": "store/releases/<wave>-public-*",
            "holds": "protected numbers of groups",
            "retention": until,
            "access": "everybody, once published",
        },
        {
            "place": "store/releases/<wave>-internal-*, site/internal/",
            "holds": "protected numbers of groups, with the lower minimum",
            "retention": until,
            "access": "people inside the district; each school its own folder",
        },
        {
            "place": "store/releases/rows-*",
            "holds": "restricted-use rows",
            "retention": "as the agreement says",
            "access": "the named research project, under a signed agreement",
        },
        {"place": "site/public/", "holds": "pages", "retention": until, "access": "everybody, once published"},
        {"place": "site/analyst/", "holds": "files, rows by number, counts", "retention": until, "access": analyst},
        {
            "place": "the key (outside the project)",
            "holds": "32 random bytes that make the pseudonyms",
            "retention": "as long as students are followed; without it nobody can be recognised, or forgotten",
            "access": "the account that runs the survey (file mode 0600)",
        },
    ]


def _landing(project: Project) -> list[dict[str, str]]:
    """The landing folder, where one is declared: what lies in it has identifiers, as the inbox does."""
    declared = project.survey.intake
    if declared is None:
        return []
    days = project.survey.retention_days
    return [
        {
            "place": f"{declared.landing} (the landing folder), with its set-aside/ and waiting/",
            "holds": "files as received, with identifiers; copies of those that were taken lie in inbox/",
            "retention": f"as inbox/; set aside or waiting: {days} days, then connectedness purge",
            "access": "whoever the district lets put files there, and the account that runs the survey",
        },
        {
            "place": "store/intake.jsonl, store/intake-looks.json",
            "holds": "names, sizes and fingerprints of the files that landed",
            "retention": "until the district deletes it",
            "access": "the account that runs the survey (folder mode 0700)",
        },
    ]


def _participation(project: Project) -> list[dict[str, Any]]:
    roster, found = project.survey.roster, []
    said = [("roster", roster), ("file of groups", roster.groups if roster else None)]
    for wave in project.survey.waves:
        for place, declared in [("export", project.column_map(wave.id).columns), *said]:
            for reason, column in declared.participation.items() if declared else ():
                entry = {"reason": reason, "column": column.column, "missing": column.missing}
                found.append({"wave": wave.id, "place": place, **entry, "agreed": list(column.agreed)})
    return found


def _modules(project: Project) -> list[dict[str, Any]]:
    modules = {
        module.id: module
        for wave in project.survey.waves
        for one in project.instruments(wave.id)
        for module in one.modules
    }
    return [
        {
            "id": one.id,
            "title": one.title.en,
            "on": one.id in project.survey.modules,
            "legal_question": one.legal_question.en,
        }
        for one in modules.values()
    ]


def _retention(project: Project) -> dict[str, Any]:
    purges = read_records(project.store / PURGES)
    owners = list(inbox_owners(project).values())
    return {
        "days": project.survey.retention_days,
        "waves": [
            {
                "wave": wave.id,
                "closed": wave.closed,
                "files_may_stay_until": str(retention_end(project, wave)) if wave.closed else None,
                "files_in_inbox": sum(wave.id in waves for waves in owners),
                "purged": sorted({one["when"][:10] for one in purges if one["wave"] == wave.id}),
            }
            for wave in project.survey.waves
        ],
        "files_of_no_wave": sum(not waves for waves in owners),
        "landed_kept_for_a_person": len(kept_for_a_person(project)),
    }


def _deidentification(project: Project) -> dict[str, Any]:
    policy = project.policy
    return {
        "pseudonym": (
            "The first 130 bits of HMAC-SHA256 under a 32-byte secret key, over survey id, purpose and the student's "
            "token. The key lies outside the project; research projects get pseudonyms of their own."
            if not project.survey.anonymous
            else "The survey carries no token: a row is named by a keyed hash of its file and row number."
        ),
        "policy": {"id": policy.id, "version": policy.version},
        "minimum": {str(audience): least for audience, least in policy.minimum.items()},
        "floor": FLOOR,
        "coarse_under": policy.small,
        "rows": {
            "k": policy.rows.k,
            "quasi_identifiers": list(
                policy.rows.quasi_identifiers or (*project.survey.units, *(one.id for one in project.survey.breakdowns))
            ),
        },
    }


def _network(project: Project) -> list[str]:
    notify = project.survey.notify
    calls = ["None by itself: pages load nothing from elsewhere, and nothing is sent to the makers of this program."]
    if notify is not None and notify.webhook_env:
        calls.append(
            f"When a scheduled run fails or is missed: a message to the web address in {notify.webhook_env}, with "
            "survey, wave and totals; no school, no row."
        )
    if notify is not None and notify.email:
        calls.append(
            f"When a scheduled run fails or is missed: an e-mail to {', '.join(notify.email.to)} through the server in "
            f"{notify.email.smtp_env}, with the same."
        )
    if project.survey.intake is not None and is_url(project.survey.intake.landing):
        calls.append(f"The intake reads {project.survey.intake.landing}, and moves there what a person must look at.")
    if project.survey.schedule is not None or project.survey.intake is not None:
        calls.append("connectedness serve: a scheduler on this machine alone, or the one that PREFECT_API_URL names.")
    return calls


def _ledger(project: Project) -> list[dict[str, Any]]:
    from connectedness.disclosure.ledger import read

    wanted = ("release", "kind", "recipient", "wave", "policy", "policy_version", "minimum", "shown", "hidden", "when")
    return [{name: value for name, value in asdict(one).items() if name in wanted} for one in read(project.store)]


def _withdrawals(project: Project) -> dict[str, Any]:
    acts = read_records(project.store / WITHDRAWALS)
    known = read_withdrawn(project)
    return {
        "students": len(known["students"]),
        "acts": len(acts),
        "unfinished_waves": known["pending"],
        "files_to_mend_by_hand": len(known["held"]),
    }
