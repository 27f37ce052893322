"""Tables and declarations as bytes: the same content gives the same bytes, in any process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from connectedness.disclosure.protected import FACT_COLUMNS
from connectedness.files import write_bytes, write_text, written_beside
from connectedness.spreadsheets import csv_text
from connectedness.tables import ESTIMATE_COLUMNS

METADATA_KEY = b"connectedness"
INTEGERS = ("n", "eligible")
NUMBERS = ("value", "se", "low", "high")
FACT_NUMBERS = ("value", "low", "high")


def typed_estimates(frame: pd.DataFrame) -> pd.DataFrame:
    """Estimates with their columns in order: n and eligible nullable whole numbers, four floats, the rest text."""
    kinds: dict[str, Any] = dict.fromkeys(INTEGERS, "Int64") | dict.fromkeys(NUMBERS, "float64")
    return frame.loc[:, list(ESTIMATE_COLUMNS)].astype({name: kinds.get(name, "str") for name in ESTIMATE_COLUMNS})


def typed_facts(frame: pd.DataFrame) -> pd.DataFrame:
    """Facts of scales with their columns in order: n nullable whole numbers, three floats, the rest text."""
    kinds: dict[str, Any] = {"n": "Int64"} | dict.fromkeys(FACT_NUMBERS, "float64")
    return frame.loc[:, list(FACT_COLUMNS)].astype({name: kinds.get(name, "str") for name in FACT_COLUMNS})


def no_facts() -> pd.DataFrame:
    """A table of facts without a row."""
    return typed_facts(pd.DataFrame(columns=list(FACT_COLUMNS)))


def json_text(content: object) -> str:
    """JSON for people and machines: two spaces, keys as given, letters as they are, one newline at the end."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def write_json(path: Path, content: object) -> None:
    """Write `json_text`, atomically."""
    write_text(path, json_text(content))


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8; a text that a spreadsheet would take for a formula has an apostrophe before it."""
    return csv_text(frame).encode("utf-8")


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write `csv_bytes`, atomically."""
    write_bytes(path, csv_bytes(frame))


def write_parquet(path: Path, frame: pd.DataFrame, metadata: Mapping[str, Any]) -> None:
    """Write a table as parquet, with `metadata` as JSON under the file's key `connectedness`, atomically."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    told = json.dumps(metadata, ensure_ascii=False, sort_keys=True).encode("utf-8")
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), METADATA_KEY: told})
    with written_beside(path) as beside:
        pq.write_table(table, beside, compression="zstd")
