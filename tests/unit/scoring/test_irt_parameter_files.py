"""Parameter files: what ships, how steps are read, and what is refused with a line."""

from __future__ import annotations

import numpy as np
import pytest

from connectedness.declare.parameters import find_parameters, parameter_files, read_parameters
from connectedness.declare.registry import find_instrument, instrument_files
from connectedness.errors import DeclarationError
from connectedness.itemresponse import model_of

GOOD = """\
id: tiny
version: 1
model: gpcm
instrument: made-up@1
scale: s
form: test
steps_are: intercepts
source: ["made up"]
items:
  a: {slope: 2.0, steps: [1.0, -1.0]}
  b: {slope: 0.5, steps: [0.0, 0.5]}
"""


def read(folder, text):
    file = folder / "tiny.yaml"
    file.write_text(text, encoding="utf-8")
    read_parameters.cache_clear()
    return read_parameters(file)


def test_intercepts_become_thresholds(tmp_path):
    own = read(tmp_path, GOOD)
    assert own.thresholds == {"a": (-0.5, 1.0), "b": (0.0, -1.0)}
    logits = np.diff(model_of(own).chances(np.array([0.7]))[:, :, 0], axis=1)
    # P(k) is proportional to exp(a k theta + c_k).
    np.testing.assert_allclose(logits, [[2 * 0.7 + 1, 2 * 0.7 - 2], [0.5 * 0.7, 0.5 * 0.7 + 0.5]])


def test_items_may_differ_in_their_number_of_steps(tmp_path):
    own = read(tmp_path, GOOD.replace("steps: [0.0, 0.5]", "steps: [0.0]"))
    chances = np.exp(model_of(own).chances(np.array([-1.0, 2.0])))
    np.testing.assert_allclose(chances[1, :2].sum(axis=0), 1)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("slope: 2.0", "slope: -2.0", "more than 0"),
        ("model: gpcm", "model: pcm", "slope"),
        ("model: gpcm", "model: rasch", "pcm"),
        ("model: gpcm", "model: grm", "thresholds"),
        ("steps: [1.0, -1.0]", "steps: []", "empty"),
        ("steps: [1.0, -1.0]", "steps: [.nan, 1.0]", "every step"),
        ("steps: [1.0, -1.0]", "steps: [1.0, -1.0], steps_se: [0.1]", "standard error"),
        ("steps: [1.0, -1.0]", "steps: [1.0, -1.0], delta: 0.5", "delta"),
        ("instrument: made-up@1", "instrument: made-up", "pinned"),
        ("form: test", "form: test\nmin_answered: 3", "min_answered"),
        ("form: test", "form: test\ncolour: red", "not known"),
    ],
)
def test_a_slip_is_named(tmp_path, before, after, says):
    with pytest.raises(DeclarationError, match=says) as caught:
        read(tmp_path, GOOD.replace(before, after))
    assert caught.value.file.name == "tiny.yaml"
    assert caught.value.line


def test_graded_thresholds_must_rise(tmp_path):
    text = GOOD.replace("model: gpcm", "model: grm").replace("intercepts", "thresholds")
    with pytest.raises(DeclarationError, match="rise"):
        read(tmp_path, text)


def test_thresholds_too_far_apart_for_the_slope_are_refused(tmp_path):
    text = GOOD.replace("steps_are: intercepts", "steps_are: thresholds").replace("[1.0, -1.0]", "[-99.0, 99.0, 0, 99]")
    with pytest.raises(DeclarationError, match="apart"):
        read(tmp_path, text.replace("slope: 2.0", "slope: 90"))


@pytest.mark.parametrize("name", sorted(parameter_files()))
def test_what_ships_fits_its_instrument(name):
    own = find_parameters(name)
    assert own.id == name
    if own.instrument.partition("@")[0] in instrument_files():
        own.must_fit(find_instrument(own.instrument))


def test_a_projects_own_file_wins_and_a_missing_one_is_named(tmp_path):
    folder = tmp_path / "instruments" / "parameters"
    folder.mkdir(parents=True)
    (folder / "pirls-bullying-2011.yaml").write_text(GOOD, encoding="utf-8")
    assert find_parameters("pirls-bullying-2011.yaml", tmp_path).id == "tiny"
    assert find_parameters("pirls-bullying-2011").id == "pirls-bullying-2011"
    with pytest.raises(DeclarationError, match="no parameter file"):
        find_parameters("nowhere", tmp_path)
