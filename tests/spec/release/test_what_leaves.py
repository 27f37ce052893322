"""What leaves the building, in short: a table in, one call, a folder out."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from unit.release.release_examples import (
    DISTRICT,
    small_estimates,
    small_project,
    small_protected,
    small_responses,
    small_scores,
)

from connectedness.disclosure.rows import protect_rows
from connectedness.errors import ConnectednessError
from connectedness.identity import TEST_KEY
from connectedness.release.codebook import build_codebook
from connectedness.release.open import open_release
from connectedness.release.rows import assemble_rows
from connectedness.release.write import write_release
from connectedness.release.write_rows import write_rows


@pytest.fixture
def project(tmp_path):
    return small_project(tmp_path)


def test_protected_estimates_become_a_folder_that_opens_again(project):
    protected = small_protected(project, "2025-fall")

    folder = write_release(project.store, project, "2025-fall", protected, DISTRICT)

    shown = open_release(folder).estimates
    assert len(shown) == len(protected.released())
    assert shown.loc[shown["unit"] == "d", "value"].isna().all()  # a school of six students


def test_estimates_that_were_not_protected_do_not_leave(project):
    with pytest.raises(ConnectednessError, match="protect"):
        write_release(project.store, project, "2025-fall", small_estimates(project, "2025-fall"), DISTRICT)


def test_a_release_says_what_a_measure_is_in_words(project):
    codebook = build_codebook(project, ["2025-fall"], DISTRICT, ["any_adult"], "public", project.policy)

    assert codebook["measures"][0]["title"] == {
        "en": "At least one adult to go to",
        "fr": "Au moins un adulte à qui parler",
    }


def test_a_changed_number_is_found_when_the_release_is_opened(project):
    folder = write_release(project.store, project, "2025-fall", small_protected(project, "2025-fall"), DISTRICT)
    path = folder / "estimates" / "2025-fall.csv"
    path.write_text(path.read_text(encoding="utf-8") + "one more line\n", encoding="utf-8")

    with pytest.raises(ConnectednessError, match="changed since it was published"):
        open_release(folder)


def test_rows_for_a_project_carry_its_own_pseudonyms_and_the_codes_as_answered(project):
    responses = small_responses(project, "2025-fall")
    responses.loc[0, ["hr_bel_hide", "hr_bel_part"]] = [1, -2]

    made = assemble_rows(project, ["2025-fall"], responses[:1], small_scores(responses), None, TEST_KEY, "peer-study")

    row = made.frame.iloc[0]
    assert row["respondent"] not in set(responses["respondent"])
    assert (row["hr_bel_hide"], row["hr_bel_hide_r"]) == (1, 5)  # strongly disagreeing with "I hide things" is 5 points
    assert pd.isna(row["hr_bel_part"]) and row["hr_bel_part__missing"] == "not_asked"


def test_rows_leave_with_their_codebook_for_one_named_project(project):
    responses = small_responses(project, "2025-fall")
    made = assemble_rows(project, ["2025-fall"], responses, small_scores(responses), None, TEST_KEY, "peer-study")
    safe = protect_rows(made.frame, made.classification, made.quasi_identifiers, k=5)

    folder = write_rows(project.store, project, "peer-study", safe)

    assert {path.suffix for path in folder.glob("rows.*")} == {".parquet", ".csv", ".sav"}
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["project"] == "peer-study"
