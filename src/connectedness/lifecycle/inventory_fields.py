"""Every field that a survey holds, from its column maps, contracts and instruments."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from connectedness.declare.contract import read_contract
from connectedness.declare.instrument import Instrument, Item
from connectedness.declare.project import Project
from connectedness.ingest.consent import KEYS
from connectedness.lifecycle.inventory_unread import UNREAD_CLASS, unread_columns
from connectedness.lifecycle.rewriting import roster_token
from connectedness.packaged import find_file

IDENTIFIER, QUASI, INTERNAL, RESTRICTED = "identifier", "quasi-identifier", "internal", "restricted-use"


@dataclass(frozen=True)
class Field:
    """One column of one table, `table` being `export`, `roster file`, `file of groups` or a table of the store."""

    table: str
    field: str
    description: str
    classification: str
    purpose: str


_KEPT = {
    "export": "inbox/<wave>/",
    "roster file": "inbox/<wave>/",
    "file of groups": "inbox/<wave>/",
    "quarantine": "store/quarantine/<wave>/",
    "unknown labels": "store/quarantine/<wave>/",
    "unknown values": "store/quarantine/<wave>/",
    "withdrawn": "store/",
}
_PURPOSES = {
    "roster": "to count who was eligible, by school, grade, mode and declared group",
    "responses": "to make scores and estimates",
    "scores": "to make estimates, and rows for named research projects",
    "estimates": "to report on groups, once protected",
}
_EXPORT_FACTS: dict[str, tuple[str, str, str]] = {
    "token": ("The student's token.", IDENTIFIER, "to follow a student from wave to wave and join the roster"),
    "response_id": ("The survey tool's number of the submission.", IDENTIFIER, "to tell submissions apart; not kept"),
    "wave": ("The administration.", RESTRICTED, "to put the row into its wave"),
    "school": ("The student's school.", QUASI, "to report by school"),
    "grade": ("Grade level.", QUASI, "to report by grade"),
    "learning_mode": ("How the student is taught.", QUASI, "to report by learning mode"),
    "started_at": ("When the student began.", INTERNAL, "to find careless answers and rows of another wave"),
    "submitted_at": ("When the student submitted.", INTERNAL, "to know the last of several submissions"),
    "duration_s": ("How long answering took.", INTERNAL, "to find careless answers"),
    "complete": ("Whether the student finished.", INTERNAL, "to leave out what was not submitted; not kept"),
    "instrument": ("Version of the questionnaire.", RESTRICTED, "to refuse answers to another one; not kept"),
    "consent": ("Consent to sensitive items.", INTERNAL, "to keep such answers only where consent was given; not kept"),
    "participation_consent": ("Consent to take part.", INTERNAL, "to leave out who did not consent; not kept"),
    "assent": ("The student's own assent.", INTERNAL, "to leave out who did not assent; not kept"),
    "opt_out": ("Opting out.", INTERNAL, "to leave out who opted out; not kept"),
}


def all_fields(project: Project) -> list[dict[str, Any]]:
    """Every field, in the order in which data goes through the rooms."""
    found = [*_exports(project), *_roster_file(project)]
    found += [*_unread(project, found), *_store(project)]
    return [asdict(one) | {"kept": _kept(one)} for one in found]


def _kept(field: Field) -> str:
    return "inbox/<wave>/" if field.classification == UNREAD_CLASS else _KEPT.get(field.table, "store/<wave>/")


def _unread(project: Project, read: list[Field]) -> list[Field]:
    """Columns that lie in the inbox unread: names of headers alone."""
    tables = {one.table for one in read}
    named = {table: {one.field for one in read if one.table == table} for table in tables}
    return [
        Field(
            f"columns of {file} that are not read",
            column,
            "Identifier or unknown: not read; in inbox/ until purge.",
            UNREAD_CLASS,
            "none: ask that the file be sent without it",
        )
        for (_, file), columns in unread_columns(project, named).items()
        for column in columns
    ]


def _exports(project: Project) -> list[Field]:
    found: dict[Field, None] = {}
    for wave in project.survey.waves:
        columns, instruments = project.column_map(wave.id), project.instruments(wave.id)
        fixed = columns.columns
        identity = project.survey.identity
        if identity is not None and fixed.token is None:
            found[Field("export", identity.token, *_EXPORT_FACTS["token"])] = None
        for name, facts in _EXPORT_FACTS.items():
            column = getattr(fixed, name)
            if column is not None:
                found[Field("export", column if isinstance(column, str) else column.column, *facts)] = None
        for name, value in fixed.others.items():
            found[Field("export", value.column, f"The unit or group {name}.", QUASI, f"to report by {name}")] = None
        for one in columns.exclude:
            found[Field("export", one.column, f"Marks rows to leave out ({one.reason}).", INTERNAL, "not kept")] = None
        items = _items(instruments)
        for item_id, column in columns.items.items():
            item, instrument = items[item_id]
            described = f"Answer to {_said(item)} ({instrument.pinned})."
            found[Field("export", column.column, described, _class_of(item_id, instrument), "to score scales")] = None
    return list(found)


def _roster_file(project: Project) -> list[Field]:
    survey = project.survey
    if survey.roster is None:
        return []
    names, further = survey.roster.columns, survey.roster.groups
    purpose = _PURPOSES["roster"]
    found = []
    if survey.identity is not None:
        token = roster_token(project, survey.roster)
        found.append(Field("roster file", token, "The student's token.", IDENTIFIER, "to join answers to the roster"))
        if further is not None:
            told = "to give students their groups, and to obey what is said of taking part"
            found.append(Field("file of groups", further.token, "The student's token.", IDENTIFIER, told))
    for table, one in (("roster file", survey.roster), ("file of groups", further)):
        for reason, column in one.participation.items() if one else ():
            described, kind, why = _EXPORT_FACTS[KEYS[reason]]
            found.append(Field(table, column.column, described, kind, why))
    if further is not None:
        for name, value in further.columns.items():
            found.append(Field("file of groups", value.column, f"{name}.", QUASI, purpose))
    groups = [one for one in survey.units if one != "school"] + [one.id for one in survey.breakdowns]
    groups = [one for one in groups if further is None or one not in further.columns]
    # A band is made of the grade, unless a column of the file is named for it.
    groups = [one for one in groups if one != "grade_band" or one in names]
    for name in dict.fromkeys(["school", "grade", "learning_mode", *groups]):
        found.append(Field("roster file", names.get(name, name), f"{name}, where the file has it.", QUASI, purpose))
    return found


def _store(project: Project) -> list[Field]:
    found = []
    instruments = [one for wave in project.survey.waves for one in project.instruments(wave.id)]
    groups = [one for one in project.survey.units if one != "school"] + [one.id for one in project.survey.breakdowns]
    for table, purpose in _PURPOSES.items():
        if table == "roster" and project.survey.roster is None:
            continue
        contract = read_contract(find_file(project.root, f"data_contracts/{table}.odcs.yaml"))
        for one in contract.properties:
            described = " ".join(one.description.split())
            found.append(Field(table, one.name, described, one.classification or INTERNAL, purpose))
        known = {one.name for one in contract.properties}
        if table in ("roster", "responses"):
            described = "Unit or group that survey.yaml declares, where the data has it."
            found += [Field(table, name, described, QUASI, purpose) for name in groups if name not in known]
        if table == "responses":
            for name, (item, instrument) in _items(instruments).items():
                if name in {one.id for one in instrument.active_items(project.survey.modules)}:
                    found.append(Field(table, name, f"Code of {_said(item)}.", _class_of(name, instrument), purpose))
        if table == "scores":
            scales = {scale.id: scale for instrument in instruments for scale in instrument.scales}
            for scale in scales.values():
                described = f"{scale.title.en}: score, and how many items and which status stand behind it."
                found.append(Field(table, scale.id, described, RESTRICTED, purpose))
    return [*found, *_OF_OPERATIONS]


_OF_OPERATIONS = [
    Field("flags", "respondent and signs", "Signs of careless answering.", INTERNAL, "to say how far they matter"),
    Field(
        "quarantine",
        "table, file, row, column, rule, school",
        "Where rows were set aside and why; never what is in them.",
        INTERNAL,
        "to mend exports",
    ),
    Field(
        "unknown labels",
        "item, label, n",
        "Texts that stood where a code belongs. Students may have written them.",
        INTERNAL,
        "to mend the column map; deleted with the wave's exports",
    ),
    Field(
        "unknown values",
        "table, file, column, value, n, first_row",
        "What stood where a school, a grade or a group belongs. It may be anything, a name too.",
        INTERNAL,
        "to mend exports and the column map; deleted with the wave's exports",
    ),
    Field("withdrawn", "pseudonym", "Students who withdrew.", INTERNAL, "to keep them out of later waves"),
]


def _items(instruments: list[Instrument] | tuple[Instrument, ...]) -> dict[str, tuple[Item, Instrument]]:
    return {item.id: (item, one) for one in instruments for item in one.items}


def _class_of(item: str, instrument: Instrument) -> str:
    return INTERNAL if item in instrument.module_of else RESTRICTED


def _said(item: Item) -> str:
    """What an item is about: its short name, or else its id; the wording may belong to somebody else."""
    return item.short.en if item.short else item.id
