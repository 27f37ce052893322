"""Files that nobody here made."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from connectedness.declare.project import open_project
from connectedness.declare.registry import find_instrument
from connectedness.ingest import ingest_wave, read_items
from connectedness.ingest.csv_file import read_csv

KEY = b"a key for the tests of this room"
VARIABLES = [f"ST034Q0{i}TA" for i in range(1, 7)]


@pytest.fixture(scope="module")
def pisa(real_data):
    return real_data / "pisa2018_fra_ita_mex"


def test_csv_and_spss_give_the_same_codes_with_missing_kinds_apart(pisa):
    instrument = find_instrument("pisa-belonging@1")
    csv, sav = (
        read_items(pisa / f"pisa2018_fra_ita_mex.{kind}", instrument, None, ["CNTSTUID"]) for kind in ("csv", "sav")
    )
    assert_frame_equal(csv.items, sav.items)
    assert_frame_equal(csv.kept, sav.kept)
    assert len(csv.items) == 1269 and csv.bad == {} and csv.absent == []
    raw = pd.read_csv(pisa / "pisa2018_fra_ita_mex.csv", usecols=VARIABLES)
    stored = csv.items.set_axis(VARIABLES, axis=1)
    assert (stored.to_numpy()[(raw <= 4).to_numpy()] == raw.to_numpy()[(raw <= 4).to_numpy()]).all()
    assert ((raw == 9).sum() + raw.isna().sum()).tolist() == (stored == -1).sum().tolist()


@pytest.mark.parametrize("kind", ["csv", "sav"])
def test_a_wave_of_it_is_accounted_for(pisa, tmp_path, kind):
    schools = pd.read_csv(pisa / "pisa2018_fra_ita_mex.csv", usecols=["CNTSCHID"])["CNTSCHID"].unique()
    survey = {
        "id": "pisa", "title": {"en": "PISA"}, "units": ["country", "school"], "instruments": ["pisa-belonging@1"],
        "schools": {str(school): {"en": str(school)} for school in schools},
        "waves": [{
            "id": "2018", "window": ["2018-03-01", "2018-11-30"], "files": [str(pisa / f"pisa2018_fra_ita_mex.{kind}")],
            "map": {
                "columns": {"school": "CNTSCHID", "response_id": "CNTSTUID", "others": {"country": "CNT"}},
                "items": {f"pisa_st034q0{i}": f"ST034Q0{i}TA" for i in range(1, 7)},
            },
        }],
    }  # fmt: skip
    (tmp_path / "survey.yaml").write_text(json.dumps(survey), encoding="utf-8")
    found = ingest_wave(open_project(tmp_path), "2018", KEY)
    file = found.account["files"][0]
    raw = pd.read_csv(pisa / "pisa2018_fra_ita_mex.csv", usecols=VARIABLES)
    unanswered = int((raw.isna() | (raw >= 5)).all(axis=1).sum())
    assert file["rows"] == 1269 and file["excluded"] == {"blank": unanswered} and file["quarantined"] == 0
    assert len(found.responses) == 1269 - unanswered
    assert found.account["bad_items"] == []
    assert set(found.responses["country"]) == {"FRA", "ITA", "MEX"}
    assert np.array_equal(found.responses.columns[:4], ["wave", "respondent", "school", "country"])


def test_every_export_of_other_programs_is_read_row_by_row(real_data):
    files = [path for path in sorted((real_data / "exports").rglob("*.csv")) if path.stat().st_size < 3_000_000]
    assert files
    for path in files:
        export = read_csv(path, path.name, lambda header: {header[0]: 0}, _encoding(path))
        assert len(export) > 0 and not export.ragged.any(), path.name


def _encoding(path) -> str:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
