"""`explain` takes what `score` takes: the name of an instrument, or the path of its YAML file."""

from __future__ import annotations

import json
import shutil

import pytest
from typer.testing import CliRunner

from connectedness.cli import app
from connectedness.declare.registry import instrument_and_scale
from connectedness.errors import DeclarationError
from connectedness.packaged import instruments_folder


@pytest.fixture
def own(tmp_path):
    return shutil.copy(instruments_folder() / "pirls-2016.yaml", tmp_path / "my.own.yaml")


def test_a_name_and_a_path_with_and_without_a_scale(own):
    for what in ("pirls-2016", "pirls-2016@1", str(own)):
        for scale in (None, "pirls16_belong"):
            found, named = instrument_and_scale(what if scale is None else f"{what}:{scale}")
            assert (found.pinned, named) == ("pirls-2016@1", scale)


def test_the_colon_of_a_drive_is_no_scale():
    with pytest.raises(DeclarationError) as error:
        instrument_and_scale("C:\\keys\\no such file.yaml")
    assert "no such file.yaml" in str(error.value)


def test_explain_reads_a_file(own):
    said = CliRunner().invoke(app, ["explain", f"{own}:pirls16_bullied", "--json"])
    assert said.exit_code == 0, said.output
    facts = json.loads(said.output)
    assert [scale["id"] for scale in facts["scales"]] == ["pirls16_bullied"]
