"""The packaged contracts and their example files, read as the tables that pass between rooms."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from connectedness.declare.contract import Contract, contract_from, read_contract
from connectedness.declare.registry import find_instrument
from connectedness.declare.source import Source
from connectedness.validation.generated import item_codes, with_scores

CONTRACTS = Path(__file__).resolve().parents[3] / "data_contracts"
EXAMPLES = CONTRACTS / "examples"
TABLES = ("responses", "roster", "scores", "estimates")
ITEMS = ("hr_bel_accepted", "hr_adults")
PANDAS_TYPES = {"string": "str", "integer": "Int64", "number": "float64"}


def contract(name: str) -> Contract:
    found = read_contract(CONTRACTS / f"{name}.odcs.yaml", f"data_contracts/{name}.odcs.yaml")
    return with_scores(found, [find_instrument("pisa-belonging@1")]) if name == "scores" else found


def codes(name: str) -> dict[str, tuple[int, ...]]:
    every = item_codes([find_instrument("healthy-relationships@1")])
    return {item: every[item] for item in ITEMS} if name == "responses" else {}


def allowed(name: str) -> dict[str, list[str]]:
    return {"wave": ["2026-fall"], "school": ["001", "002"]} if name in ("responses", "roster") else {}


def example(name: str, kind: str = "good") -> pd.DataFrame:
    """`good_NAME.csv` or `bad_NAME.csv`, with the types its contract gives."""
    table = pd.read_csv(EXAMPLES / f"{kind}_{name}.csv", dtype="str", keep_default_na=False, na_values=[""])
    for one in (one for one in contract(name).properties if one.name in table):
        if one.logical_type == "timestamp":
            table[one.name] = pd.to_datetime(table[one.name], utc=True)
        else:
            table[one.name] = table[one.name].astype(PANDAS_TYPES[one.logical_type])
    return table.astype(dict.fromkeys(codes(name), "Int64"))


def yaml_contract(body: str, **more: str) -> Contract:
    """A contract of one table `t` from the YAML of what follows its name, indented by four."""
    head = "kind: DataContract\napiVersion: v3.2.0\nid: c\nversion: 1.0.0\nstatus: active\n"
    extra = "".join(f"{key}: {value}\n" for key, value in more.items())
    return contract_from(Source(Path("c.odcs.yaml"), f"{head}{extra}schema:\n  - name: t\n{body}"))
