"""One file, no project: the items of an instrument."""

from __future__ import annotations

import pytest
import yaml
from unit.ingest.small_survey import INSTRUMENT, answer, as_csv

from connectedness.declare.columns import ColumnMap
from connectedness.declare.instrument import Instrument
from connectedness.errors import ContractError
from connectedness.ingest import read_items


@pytest.fixture
def instrument() -> Instrument:
    return Instrument.model_validate(yaml.safe_load(INSTRUMENT))


def written(tmp_path, text: str):
    path = tmp_path / "answers.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_items_are_found_by_id_or_variable_and_rows_keep_their_order(tmp_path, instrument):
    path = written(tmp_path, "name,id,SMA,sm_b\nAnn,7,1,2\n\nBob,5,x,9\nCy,6,,6\n")
    read = read_items(path, instrument, None, ["id"])
    assert read.items[["sm_a", "sm_b"]].values.tolist() == [[1, 2], [-4, -2], [-1, -4]]
    assert read.kept.values.tolist() == [["7"], ["5"], ["6"]]
    assert read.row.tolist() == [2, 4, 5]
    assert read.bad == {"text where a code belongs": 1, "a code outside 1–5": 1}
    assert read.absent == ["sm_c", "sm_d", "sm_e"]
    assert (read.items["sm_c"] == -2).all()
    assert "sm_private" not in read.items and "sm_mode" not in read.items


def test_a_map_says_which_column_is_which(tmp_path, instrument):
    columns = ColumnMap.model_validate({"items": {"sm_a": {"column": "Q1", "codes": {"Yes!": 5}}}, "delimiter": ";"})
    read = read_items(written(tmp_path, "Q1;sm_b\nyes!;2\n"), instrument, columns, [])
    assert read.items.loc[0, ["sm_a", "sm_b"]].tolist() == [5, -2]
    assert len(read.kept) == 1 and read.kept.shape[1] == 0


def test_a_file_with_none_of_the_columns_says_what_was_looked_for(tmp_path, instrument):
    with pytest.raises(ContractError) as raised:
        read_items(written(tmp_path, "id,sm-a\n1,2\n"), instrument, None, [])
    said = str(raised.value)
    assert "none of the columns of small-survey@1" in said
    assert "sm_a, SMA, sm_b, SMB, sm_c" in said and "sm-a looks like" in said


def test_a_kept_column_that_is_not_there(tmp_path, instrument):
    with pytest.raises(ContractError, match="student"):
        read_items(written(tmp_path, as_csv([answer()])), instrument, None, ["student"])


def test_rows_that_do_not_fit_the_header_are_named_not_guessed(tmp_path, instrument):
    with pytest.raises(ContractError, match="rows 3"):
        read_items(written(tmp_path, "sm_a,sm_b\n1,2\n1\n"), instrument, None, [])


def test_a_file_that_is_not_there(tmp_path, instrument):
    with pytest.raises(ContractError, match="not there"):
        read_items(tmp_path / "none.sav", instrument)
