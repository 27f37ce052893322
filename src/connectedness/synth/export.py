"""Writing a wave as a survey tool and a student system would: with everything in it that must be dropped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from connectedness.declare.instrument import Instrument
from connectedness.files import written_beside
from connectedness.newproject import question_columns
from connectedness.synth.answers import SKIPPED, ItemModel
from connectedness.synth.defects import DEFECTS, OVERWRITES
from connectedness.synth.people import GROUPS, MODES, Enrolment, People
from connectedness.synth.plan import Plan
from connectedness.synth.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

# Names that no one bears, so that one found outside the inbox is a leak and nothing else.
GIVEN = (
    "Avelor", "Brisanne", "Caldric", "Delphira", "Élorane", "Fenrique", "Gaëlwin", "Hollisane", "Ivorette", "Jorvane",
    "Kaelisse", "Lumiric", "Mirelotte", "Noëlric", "Orsaline", "Perrivane", "Quillane", "Rosmeric", "Sylvarine",
    "Tamsolène", "Urielle-Wyn", "Verdane", "Wrenisse", "Xantherine", "Yvoric", "Zéphirane",
)  # fmt: skip
FAMILY = (
    "Testerby", "Samplewick", "Mockford", "Fictumont", "Placeholdt", "Exempleau", "Dummerly", "Fauxley", "Inventière",
    "Makebell", "Pretendu", "Synthwaite", "Nobodson", "O'Fableigh", "de la Maquette", "Essaisson", "Trialworth",
    "Patronelle", "Specimenko", "Modelquist", "Fabulard", "Nonpareil-Test", "Imaginault", "Phantomson",
)  # fmt: skip
_COMMENTS = ("", "", "", "", "", "It is fine, mostly.", 'I like the "reading corner"', "Rien à ajouter", "More clubs")
_NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.")  # kept for examples; no one has these addresses
PREVIEW = "Survey Preview"
NOT_ANSWERED = "-99"
"""What the tool writes for a question that was shown and not answered; a question not reached is left empty."""
UNKNOWN_SCHOOLS = ("Z01", "Z02", "Z03")


@dataclass(frozen=True)
class Writer:
    """What every file of a wave needs. `other_wave` is the wave that stray rows say they belong to."""

    plan: Plan
    wave: int
    people: People
    enrolled: Enrolment
    instrument: Instrument
    models: list[ItemModel]
    other_wave: str

    def write_export(self, path: Path, sheet: Sheet, rng: np.random.Generator) -> list[str]:
        """Write one export; return identifiers that are in it, to be looked for where none may be."""
        who = self._who(sheet)
        tokens = self._tokens(sheet, rng)
        count = len(sheet)
        columns: dict[str, pa.Array] = {
            "StartDate": _local_time(sheet.started),
            "EndDate": _local_time(sheet.submitted),
            "Status": _pick(("Survey", PREVIEW), sheet.defect == DEFECTS.index("preview")),
            "IPAddress": _join(_pick(_NETWORKS, rng.integers(0, 3, count)), _text(rng.integers(1, 255, count))),
            "Duration": _text(sheet.seconds),
            "Finished": _pick(("False", "True"), sheet.complete),
            "ResponseId": _join(_same("R_", count), _padded(rng.permutation(count * 7)[:count], 8)),
            **who,
            "Latitude": _text(np.round(rng.uniform(51, 53, count), 5)),
            "Longitude": _text(np.round(rng.uniform(-115, -113, count), 5)),
            "student_token": tokens,
            "School": self._schools(sheet, rng),
            "Grade": _text(self.enrolled.grade[sheet.seat]),
            "Wave": _pick(
                (self.plan.waves[self.wave].id, self.other_wave), sheet.defect == DEFECTS.index("other_wave")
            ),
            "SurveyVersion": _same(self.instrument.pinned, count),
            **self._items(sheet, rng),
            "Comments": _pick(_COMMENTS, rng.integers(0, len(_COMMENTS), count)),
        }
        _write(path, columns)
        return [str(columns[name][0]) for name in ("IPAddress", "Email")] + [
            token for token in tokens[:5].to_pylist() if token
        ]

    def write_roster(self, path: Path) -> None:
        """Write the wave's roster, by school and grade."""
        rng = np.random.default_rng([self.plan.seed, 6, self.wave])
        enrolled, person = self.enrolled, self.enrolled.person
        born = self.plan.waves[self.wave].opens.year - 5 - enrolled.grade
        columns = {
            "student_token": self._token_of(self.people.number[person]),
            **self._names(person),
            "birth_date": _join(_text(born), _same("-", len(person)), _padded(rng.integers(1, 13, len(person)), 2),
                                _same("-15", len(person))),
            "school": _pick([one.id for one in self.plan.schools], enrolled.school),
            "grade": _text(enrolled.grade),
            "learning_mode": _pick(MODES, enrolled.mode),
            "group": _pick(GROUPS, self.people.group[person]),
        }  # fmt: skip
        _write(path, columns)

    def _who(self, sheet: Sheet) -> dict[str, pa.Array]:
        return self._names(self.enrolled.person[sheet.seat])

    def _names(self, person: np.ndarray) -> dict[str, pa.Array]:
        given, family = _pick(GIVEN, self.people.given[person]), _pick(FAMILY, self.people.family[person])
        box = _join(_same("s", len(person)), _padded(self.people.number[person], 7))
        mail = _join(box, _same("@maple-fork.example", len(person)))
        return {"LastName": family, "FirstName": given, "Email": mail}

    def _token_of(self, number: np.ndarray) -> pa.Array:
        return _join(_same("MF", len(number)), _padded(number, 7))

    def _tokens(self, sheet: Sheet, rng: np.random.Generator) -> pa.Array:
        number = self.people.number[self.enrolled.person[sheet.seat]].copy()
        strangers = np.flatnonzero(sheet.defect == DEFECTS.index("not_on_roster"))
        number[strangers] = rng.choice(self.people.spare_numbers, len(strangers), replace=False)
        return _blank_where(self._token_of(number), sheet.defect == DEFECTS.index("no_id"))

    def _schools(self, sheet: Sheet, rng: np.random.Generator) -> pa.Array:
        school = self.enrolled.school[sheet.seat].copy()
        strange = np.flatnonzero(sheet.defect == DEFECTS.index("unknown_school"))
        school[strange] = len(self.plan.schools) + rng.integers(0, len(UNKNOWN_SCHOOLS), len(strange))
        return _pick([*(one.id for one in self.plan.schools), *UNKNOWN_SCHOOLS], school)

    def _items(self, sheet: Sheet, rng: np.random.Generator) -> dict[str, pa.Array]:
        names = question_columns(self.instrument)
        mode = next(item for item in self.instrument.items if item.fills == "learning_mode")
        levels = {option.level: str(option.code) for option in self.instrument.option_sets[mode.options].options}
        columns = {
            names[model.item.id]: self._item(model, sheet.codes[:, i], sheet.overwrite[:, i], rng)
            for i, model in enumerate(self.models)
        }
        columns[names[mode.id]] = _pick([levels[one] for one in MODES], self.enrolled.mode[sheet.seat])
        return {names[item]: columns[names[item]] for item in names}

    def _item(self, model: ItemModel, codes: np.ndarray, overwrite: np.ndarray, rng: np.random.Generator) -> pa.Array:
        """A column of answers: codes or, for practices, words; two ways of leaving one out; planted texts."""
        said = answer_texts(self.instrument, model)
        known = list(said)
        place = np.zeros(max(known) + 1, dtype=np.int64)
        place[known] = np.arange(len(known))
        texts = [*said.values(), "", NOT_ANSWERED, *OVERWRITES[1:]]
        chosen = np.where(codes == SKIPPED, len(known) + rng.integers(0, 2, len(codes)), place[np.maximum(codes, 0)])
        return _pick(texts, np.where(overwrite > 0, len(known) + 1 + overwrite, chosen))


def answer_texts(instrument: Instrument, model: ItemModel) -> dict[int, str]:
    """What the tool writes for each code of an item: the words for a practice, else the code itself."""
    options = instrument.option_sets[model.item.options].options
    worded = model.item.kind == "practice"
    return {one.code: one.label.en if worded and one.label else str(one.code) for one in options}


def _pick(texts: Sequence[str | None], which: np.ndarray) -> pa.Array:
    return pa.array(texts, pa.string()).take(pa.array(which.astype(np.int64)))


def _text(numbers: np.ndarray) -> pa.Array:
    return pc.cast(pa.array(numbers), pa.string())


def _padded(numbers: np.ndarray, width: int) -> pa.Array:
    return pc.utf8_lpad(_text(numbers), width, "0")


def _same(text: str, count: int) -> pa.Array:
    return pa.repeat(text, count)


def _join(*parts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _local_time(moments: np.ndarray) -> pa.Array:
    return pc.cast(pa.array(moments.astype("datetime64[s]")), pa.string())


def _blank_where(texts: pa.Array, blank: np.ndarray) -> pa.Array:
    return pc.if_else(pa.array(blank), "", texts)


def _write(path: Path, columns: dict[str, pa.Array]) -> None:
    with written_beside(path) as beside:
        csv.write_csv(pa.table(columns), beside)
