"""YAML files as plain data that remembers its lines, and pydantic's complaints told by file, line and key path."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from connectedness.errors import DeclarationError

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]


class NotAllowed(ValueError):
    """A value that may not stand where it stands; what was found, what is allowed and what to do reach the person."""

    def __init__(self, problem: str, *, found: object = None, allowed: object = None, todo: str | None = None) -> None:
        super().__init__(problem)
        self.found, self.allowed, self.todo = found, allowed, todo


class Frozen(BaseModel):
    """Base of every declared object: it cannot change, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Frozen):
    """A text in the languages the project speaks."""

    en: str
    fr: str | None = None

    def in_language(self, language: str) -> str:
        """The text in `language`, or in English where that is missing."""
        return (self.fr if language == "fr" else None) or self.en


class _Loader(yaml.SafeLoader):
    """YAML without the surprises: `yes`, `no`, `on`, `off` and `012` are text."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:int")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False)$"), list("tfTF"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789"))


class Source:
    """One YAML file: `data`, and the line on which each key path stands."""

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self.lines: dict[Place, int] = {}
        self.data: Any = None
        if "{{" in text or "{%" in text:
            line = 1 + next(i for i, row in enumerate(text.splitlines()) if "{{" in row or "{%" in row)
            raise DeclarationError(
                "templates are not read here.", file=file, line=line, found="{{ or {%", allowed="plain YAML"
            )
        try:
            self._refuse_anchors(text)
            loader = _Loader(text)
            node = loader.get_single_node()
            self.data = None if node is None else self._build(loader, node, ())
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise DeclarationError(
                f"this is not valid YAML: {error.problem or error.context}.",
                file=file,
                line=None if mark is None else mark.line + 1,
                todo="Look at this line and the one above it: often a missing colon, quote or two spaces of indent.",
            ) from error
        except (yaml.YAMLError, ValueError) as error:
            raise DeclarationError(f"this is not valid YAML: {error}.", file=file) from error

    def _refuse_anchors(self, text: str) -> None:
        for token in yaml.scan(text, Loader=_Loader):
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                raise DeclarationError(
                    "anchors and aliases are not read here.",
                    file=self.file,
                    line=token.start_mark.line + 1,
                    todo="Write the value out where it is needed.",
                )

    def _build(self, loader: _Loader, node: yaml.Node, place: Place) -> Any:
        self.lines[place] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._build_mapping(loader, node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(loader, child, (*place, i)) for i, child in enumerate(node.value)]
        return loader.construct_object(node)

    def _build_mapping(self, loader: _Loader, node: yaml.MappingNode, place: Place) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node)
            line = key_node.start_mark.line + 1
            if key in mapping:
                raise DeclarationError(
                    "this key stands twice.",
                    file=self.file,
                    line=line,
                    key=dotted((*place, key)),
                    todo="Keep one of the two.",
                )
            mapping[key] = self._build(loader, value_node, (*place, key))
            self.lines[(*place, key)] = line
        return mapping

    def line_of(self, place: Place) -> int | None:
        """Line of a key path, or of the nearest thing around it."""
        for end in range(len(place), -1, -1):
            if place[:end] in self.lines:
                return self.lines[place[:end]]
        return None

    def error(self, problem: str, place: Place = (), **more: Any) -> DeclarationError:
        """A `DeclarationError` at a key path of this file."""
        return DeclarationError(problem, file=self.file, line=self.line_of(place), key=dotted(place) or None, **more)

    def parse(self, model: type[Model], place: Place = ()) -> Model:
        """Turn what stands at `place` into a frozen object.

        Raises
        ------
        DeclarationError
            At the first thing that does not fit, with file, line, key path, what was found and what is allowed.
        """
        data = self.data
        for step in place:
            data = data[step]
        try:
            return model.model_validate(data)
        except ValidationError as error:
            raise self._explained(error, model, place) from None

    def _explained(self, error: ValidationError, model: type[BaseModel], place: Place) -> DeclarationError:
        complaints = error.errors(include_url=False)
        # A block given where a name or a block may stand is also told "not a string"; that one is of no use.
        useful = [one for one in complaints if one["type"] != "string_type" or not isinstance(one["input"], dict)]
        first = (useful or complaints)[0]
        # Pydantic adds the name of the union's member to the path; only steps that exist in the file are kept.
        at: Place = place
        data = self.data
        for step in place:
            data = data[step]
        for step in first["loc"]:
            if isinstance(data, dict) and step in data or isinstance(data, list) and isinstance(step, int):
                at, data = (*at, step), data[step]  # type: ignore[index]
            elif first["type"] == "missing" and step == first["loc"][-1]:
                at = (*at, step)
        more = len(useful) - 1
        todo = None if more <= 0 else f"Mend this one first; {more} more may follow."
        kind, context = first["type"], first.get("ctx", {})
        if kind == "missing":
            return self.error("this key is missing.", at, allowed="it must be there", todo=todo)
        if kind == "extra_forbidden":
            return self._unknown_key(at, model, str(first["loc"][-1]), first["loc"][:-1], todo)
        if kind == "string_type" and isinstance(first["input"], int | float):
            return self.error(
                "text was expected here.", at, found=repr(first["input"]), allowed="text", todo="Put it in quotes."
            )
        problem, allowed = in_plain_words(kind, context)
        found = None if isinstance(first["input"], dict | list) else _short(first["input"])
        said = context.get("error")
        if isinstance(said, NotAllowed):
            found = found if said.found is None else str(said.found)
            return self.error(problem, at, found=found, allowed=said.allowed, todo=said.todo or todo)
        return self.error(problem, at, found=found, allowed=allowed, todo=todo)

    def _unknown_key(
        self, at: Place, model: type[BaseModel], key: str, parents: tuple[Any, ...], todo: str | None
    ) -> DeclarationError:
        allowed = _fields_at(model, parents)
        near = difflib.get_close_matches(key, allowed, n=1)
        return self.error(
            "this key is not known.",
            at,
            found=key,
            allowed=", ".join(allowed) or None,
            todo=f"Did you mean {near[0]}?" if near else todo,
        )


def read_source(file: Path, shown: str | Path | None = None) -> Source:
    """Read a YAML file; `shown` is the name that errors print (default the path).

    Raises
    ------
    DeclarationError
        When the file is not there, not UTF-8, not YAML, or empty.
    """
    name = Path(shown or file)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DeclarationError("this file is not there.", file=name, todo="Check the name and the folder.") from None
    except UnicodeDecodeError:
        raise DeclarationError(
            "this file is not UTF-8 text.", file=name, todo="Save it again with the encoding UTF-8."
        ) from None
    source = Source(name, text)
    if source.data is None:
        raise DeclarationError("this file is empty.", file=name)
    return source


def dotted(place: Place) -> str:
    """A key path for people: `waves[0].id`."""
    out = ""
    for step in place:
        out += f"[{step}]" if isinstance(step, int) else f".{step}" if out else str(step)
    return out


def _fields_at(model: type[BaseModel], parents: tuple[Any, ...]) -> list[str]:
    """Keys a nested model allows, following annotations as far as they are plain."""
    current: Any = model
    for step in parents:
        if isinstance(step, int):
            continue
        fields = getattr(current, "model_fields", {})
        if step not in fields:
            return []
        current = _model_in(fields[step].annotation)
        if current is None:
            return []
    return sorted(getattr(current, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in getattr(annotation, "__args__", ()):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


# What is expected where pydantic complains, by how its kind of complaint begins: its own words speak of the library.
_EXPECTED = {
    "int_": ("a whole number", "a whole number, such as 3"),
    "float_": ("a number", "a number, such as 0.5"),
    "finite_number": ("a number", "a number, such as 0.5"),
    "bool_": ("true or false", "true or false"),
    "date_": ("a date", "a date, such as 2026-10-05"),
    "datetime_": ("a date and a time", "such as 2026-10-05T09:00:00"),
    "timezone_": ("a date and a time", "such as 2026-10-05T09:00:00"),
    "time_": ("a time", "a time, such as 09:30"),
    "string_type": ("text", "text"),
    "string_sub_type": ("text", "text"),
    "string_pattern": ("another text", None),
    "dict_": ("a block of keys", "lines such as  KEY: VALUE,  indented below this one"),
    "mapping_": ("a block of keys", "lines such as  KEY: VALUE,  indented below this one"),
    "model_": ("a block of keys", "lines such as  KEY: VALUE,  indented below this one"),
    "list_": ("a list", "[one, two], or lines that begin with - "),
    "tuple_": ("a list", "[one, two], or lines that begin with - "),
    "set_": ("a list", "[one, two], or lines that begin with - "),
    "frozen_set_": ("a list", "[one, two], or lines that begin with - "),
    "none_required": ("nothing", "nothing"),
}
_BOUNDS = {
    "greater_than_equal": ("too small", "ge", "{} or more"),
    "greater_than": ("too small", "gt", "more than {}"),
    "less_than_equal": ("too large", "le", "{} or less"),
    "less_than": ("too large", "lt", "less than {}"),
}


def in_plain_words(kind: str, context: dict[str, Any]) -> tuple[str, str | None]:
    """What is wrong, and what is allowed, for the `type` and `ctx` of a complaint of pydantic's."""
    if kind == "value_error":
        return str(context["error"]), None
    if kind in _BOUNDS:
        how, limit, allowed = _BOUNDS[kind]
        return f"this number is {how}.", allowed.format(f"{context[limit]:,}")
    if kind in ("literal_error", "enum"):
        return "this is none of the words that may stand here.", str(context["expected"])
    if kind.endswith(("too_short", "too_long")):
        return _length(kind, context)
    if kind == "string_pattern_mismatch" and context["pattern"] in _IDS:
        return "this is not written as a name is here.", _IDS[context["pattern"]]
    for begins, (expected, example) in _EXPECTED.items():
        if kind.startswith(begins):
            return f"{expected} was expected here.", example
    return "this may not stand here.", None


_IDS = {
    r"^[a-z][a-z0-9_]{0,31}$": "lower-case letters, digits and _, beginning with a letter, at most 32",
    r"^[a-z][a-z0-9_.-]{0,47}$": "lower-case letters, digits, and _ . -, beginning with a letter, at most 48",
    r"^[A-Za-z0-9.+_-]+$": "letters, digits, and . + _ -",
}


def _length(kind: str, context: dict[str, Any]) -> tuple[str, str]:
    short, text = kind.endswith("too_short"), kind.startswith("string")
    n = context["min_length" if short else "max_length"]
    what = ("letter" if text else "entry") if n == 1 else ("letters" if text else "entries")
    if short and n == 1:
        return "this is empty, and something must stand here.", f"at least one {what}"
    return f"this is too {'short' if short else 'long'}.", f"at {'least' if short else 'most'} {n} {what}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
