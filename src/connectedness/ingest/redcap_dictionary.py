"""REDCap's data dictionary: what each field asks, and what its codes mean."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

from connectedness.errors import ConnectednessError
from connectedness.ingest.cells import tidy
from connectedness.ingest.described import DescribedColumn
from connectedness.ingest.wrong_file import read_bytes
from connectedness.ingest.zipped import Content, Held, Packed, is_dictionary

_FIXED = {
    "yesno": {"1": "Yes", "0": "No"},
    "truefalse": {"1": "True", "0": "False"},
}
_TICKED = {"1": "Checked", "0": "Unchecked"}
_MOST_FILES = 200


@dataclass(frozen=True)
class Dictionary:
    """What a dictionary says: form, question, and label of each code, by field; checkboxes apart."""

    form: dict[str, str] = field(default_factory=dict)
    question: dict[str, str] = field(default_factory=dict)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)
    checkbox: frozenset[str] = frozenset()

    def question_of(self, column: str) -> str:
        """Question of a column of the export, and of a checkbox the choice too."""
        name, box, code = column.partition("___")
        text = self.question.get(name, "")
        label = self.choices.get(name, {}).get(code.replace("_", "-") if code.startswith("_") else code, "")
        return f"{text} [{label}]" if box and label else text

    def labels_of(self, column: str) -> dict[str, str]:
        """Labels of a column's codes."""
        name, box, _ = column.partition("___")
        if box:
            return dict(_TICKED)
        return {} if name in self.checkbox else self.choices.get(name, {})


def read_dictionary(text: str) -> Dictionary:
    """Read a dictionary; a line that does not hold says nothing."""
    form, question, choices, boxes = {}, {}, {}, set()
    try:
        for line in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
            name = (line.get("Variable / Field Name") or "").strip()
            kind = (line.get("Field Type") or "").strip()
            form[name] = (line.get("Form Name") or "").strip()
            question[name] = tidy(re.sub(r"<[^<>]*>", " ", line.get("Field Label") or ""))
            found = _FIXED.get(kind) or (
                _choices(line.get("Choices, Calculations, OR Slider Labels") or "")
                if kind in ("radio", "dropdown", "checkbox")
                else {}
            )
            if found:
                choices[name] = found
            if kind == "checkbox":
                boxes.add(name)
    except csv.Error:
        return Dictionary()
    return Dictionary(form, question, choices, frozenset(boxes))


def columns_of(raw: bytes, file: str) -> list[DescribedColumn]:
    """Columns that an export of this project has; a box to tick has one for each choice."""
    found = read_dictionary(_decoded(raw))
    columns = []
    for name, question in found.question.items():
        if name in found.checkbox:
            boxes = [f"{name}___{code.replace('-', '_')}" for code in found.choices.get(name, {})]
            columns += [DescribedColumn(box, (), found.question_of(box), found.labels_of(box)) for box in boxes]
        elif name:
            kind = "question" if name in found.choices else "text"
            columns.append(DescribedColumn(name, (), question, found.labels_of(name), kind))
    return columns


def dictionary_beside(content: Content) -> Dictionary | None:
    """Give the one dictionary that lies in the same folder, or in the same zip."""
    if isinstance(content, Held | Packed):
        found = [raw for _, raw in content.beside if is_dictionary(raw[:40])]
    else:
        found = _in_folder(content.parent)
    if len(found) != 1:
        return None
    return read_dictionary(_decoded(found[0]))


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _in_folder(folder: Path) -> list[bytes]:
    found = []
    for path in sorted(folder.glob("*.csv"))[:_MOST_FILES]:
        try:
            if is_dictionary(read_bytes(path, path.name, 40)):
                found.append(read_bytes(path, path.name))
        except ConnectednessError:
            continue
    return found


def _choices(text: str) -> dict[str, str]:
    """`1, one | 2, two` as labels by code."""
    pairs = (part.partition(",") for part in re.split(r"\||\n", text))
    return {code.strip(): tidy(label) for code, comma, label in pairs if comma and code.strip()}
