"""The command that drafts a column map: what it writes, what it says, and what it refuses."""

from __future__ import annotations

import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from connectedness.cli import app
from connectedness.declare.columns import ColumnMap
from connectedness.declare.registry import find_instrument
from connectedness.declare.source import read_source
from connectedness.errors import ConnectednessError, ContractError, DeclarationError
from connectedness.ingest import Proposal, proposal_yaml, read_items
from connectedness.proposing import proposal_text, propose_map

OURS = find_instrument("healthy-relationships@1")
ASKED = [item for item in OURS.items if item.id not in OURS.module_of]
SECRET = "something that one student wrote"


def export(path, n: int = 12, change=lambda item, text: text, cells=None):
    """A Google Forms export of our own questions, `n` rows that all agree; `cells` replaces those of an item."""
    names = [change(item, item.text.en) for item in ASKED]
    head = ["Timestamp", "Your school", "Your grade", *names, "Anything else?"]
    first = {item.id: OURS.option_sets[item.options].options[0].label.en for item in ASKED}
    rows = []
    for row in range(n):
        answers = [(cells or {}).get(item.id, {}).get(row, first[item.id]) for item in ASKED]
        rows.append(["2026/10/06 9:00:41 AM GMT-6", "001", "Grade 7", *answers, SECRET])
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    return path


def test_the_whole_way_from_an_export_to_answers(tmp_path):
    file = export(tmp_path / "e.csv")
    out = tmp_path / "map.yaml"
    done = CliRunner().invoke(app, ["columns", str(file), "--instrument", "healthy-relationships", "-o", str(out)])
    assert done.exit_code == 0 and "Recognised as Google Forms (certain)" in done.output
    assert "school: Your school" in done.output and "write there:  confirmed: true" in done.output
    with pytest.raises(DeclarationError, match="nobody has confirmed"):
        read_source(out).parse(ColumnMap)
    text = out.read_text(encoding="utf-8")
    out.write_text(text.replace("confirmed: false", "confirmed: true"), encoding="utf-8")
    columns = read_source(out).parse(ColumnMap)
    read = read_items(file, OURS, columns)
    assert read.bad == {} and read.absent == [] and (read.items >= 0).all(axis=None)
    assert set(columns.items) == {item.id for item in ASKED} and SECRET not in text + done.output


def test_labels_are_told_where_enough_rows_hold_them_and_counted_where_not(tmp_path):
    many, few = dict.fromkeys(range(6), "Strong agree"), dict.fromkeys(range(5), "kind of")
    file = export(tmp_path / "e.csv", cells={"hr_bel_part": many, "hr_bel_hide": few})
    found = propose_map(file, ["healthy-relationships"], out=tmp_path / "m.yaml")
    assert found["labels_unknown"] == {"hr_bel_part": {"Strong agree": 6}}
    assert found["not_shown"] == {"hr_bel_hide": 5}
    told = proposal_text(found) + (tmp_path / "m.yaml").read_text(encoding="utf-8")
    assert "Strong agree" in told and "kind of" not in told
    assert "Strong agree" not in str(read_source(tmp_path / "m.yaml").data)


def test_what_is_close_missing_and_unused_is_told_in_the_file_and_in_words(tmp_path):
    def change(item, text):
        changed = {
            "hr_bel_part": "When someone says our school, I always count myself in.",
            "hr_bel_hide": "At school I never hide things about myself to keep out of trouble with others.",
            "hr_prac_voice": "Something else",
        }
        return changed.get(item.id, text)

    found = propose_map(export(tmp_path / "e.csv", change=change), ["healthy-relationships"], out=tmp_path / "m.yaml")
    assert found["items_missing"] == ["hr_bel_hide", "hr_prac_voice"]
    assert found["items"]["hr_bel_part"]["likeness"] < 1
    written, told = (tmp_path / "m.yaml").read_text(encoding="utf-8"), proposal_text(found)
    line = next(one for one in written.splitlines() if one.startswith("  hr_bel_part:"))
    assert "# GUESS: question text 0." in line and "I count myself in.”" in line
    for text in (written, told):
        assert "GUESS" in text and "hr_prac_voice" in text and "Something else" in text and "Anything else?" in text


def test_json_is_one_object_and_holds_what_the_words_say(tmp_path):
    file = export(tmp_path / "e.csv")
    arguments = [
        "columns",
        str(file),
        "--instrument",
        "healthy-relationships",
        "-o",
        str(tmp_path / "m.yaml"),
        "--json",
    ]
    found = json.loads(CliRunner().invoke(app, arguments).output)
    assert found["format"] == "google_forms" and found["out"].endswith("m.yaml")
    assert found["items"]["hr_bel_part"] == {
        "column": OURS.item_by_id["hr_bel_part"].text.en, "why": "same question text", "likeness": 1.0,
    }  # fmt: skip


def test_nothing_is_overwritten_unasked(tmp_path):
    file, out = export(tmp_path / "e.csv"), tmp_path / "m.yaml"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(ConnectednessError, match="already there"):
        propose_map(file, ["healthy-relationships"], out=out)
    assert out.read_text(encoding="utf-8") == "mine"
    propose_map(file, ["healthy-relationships"], out=out, force=True)
    assert out.read_text(encoding="utf-8") != "mine"


def test_an_instrument_must_be_named_known_and_have_a_key(tmp_path, monkeypatch):
    file = export(tmp_path / "e.csv")
    monkeypatch.chdir(tmp_path)
    for names, problem in (([], "not said which"), (["no-such"], "not known"), (["sdq"], "licence binds")):
        with pytest.raises(DeclarationError, match=problem):
            propose_map(file, names, out=tmp_path / "m.yaml")


def test_a_header_that_may_be_a_students_row_is_not_shown(tmp_path):
    (tmp_path / "e.csv").write_text(f"t1,001,{SECRET}\nt2,002,x\n", encoding="utf-8")
    with pytest.raises(ContractError, match="may be a student's") as met:
        propose_map(tmp_path / "e.csv", ["healthy-relationships"], out=tmp_path / "m.yaml")
    assert SECRET not in str(met.value) and not (tmp_path / "m.yaml").exists()


SURVEY = {
    "id": "s", "title": {"en": "S"}, "synthetic": True, "instruments": ["healthy-relationships@1"],
    "identity": {"token": "pupil"}, "units": ["district", "region", "school"], "breakdowns": ["house", "grade_band"],
    "waves": [{"id": "w", "window": ["2026-01-01", "2026-01-31"], "files": ["*.csv"], "map": "maps/export.yaml"}],
}  # fmt: skip


def project(tmp_path, **more):
    (tmp_path / "survey.yaml").write_text(json.dumps({**SURVEY, **more}), encoding="utf-8")
    return tmp_path


def table(tmp_path, *names: str):
    path = tmp_path / "e.csv"
    path.write_text(",".join(names) + "\n" + ",".join("1" for _ in names) + "\n", encoding="utf-8")
    return path


def test_in_a_project_its_instruments_token_units_breakdowns_and_folder_count(tmp_path, monkeypatch):
    file = table(project(tmp_path), "pupil", "Region", "House", "school", "hr_bel_part", "hr_gender", "Parent consent")
    monkeypatch.chdir(tmp_path)
    found = propose_map(file)
    made = read_source(tmp_path / "maps/export.yaml").data
    assert made["columns"] == {"token": "pupil", "school": "school", "others": {"region": "Region", "house": "House"}}
    assert made["items"] == {"hr_bel_part": "hr_bel_part"}  # the module of hr_gender is off
    assert "hr_gender" in found["columns_unused"]
    consent = next(line for line in found["unsure"] if "Parent consent" in line)
    assert "only you know which of its values is a yes" in consent
    assert '# participation_consent: {column: "Parent consent", agreed: [?]}' in (
        tmp_path / "maps/export.yaml"
    ).read_text(encoding="utf-8")


def test_a_module_that_is_on_is_looked_for_and_a_missing_token_is_told(tmp_path):
    file = table(project(tmp_path, modules=["gender"]), "school", "hr_bel_part", "hr_gender")
    found = propose_map(file, project=tmp_path)
    assert set(found["items"]) == {"hr_bel_part", "hr_gender"}
    assert found["unsure"][0] == "token: no column is called pupil, which survey.yaml declares."


def test_an_anonymous_survey_has_no_token(tmp_path):
    file = table(project(tmp_path, identity=None), "token", "school", "hr_bel_part", "hr_bel_hide")
    assert propose_map(file, project=tmp_path)["columns"] == {"school": "school"}


def test_a_path_and_a_file_of_texts_serve_an_instrument_whose_words_are_not_ours(tmp_path):
    instrument = tmp_path / "own.yaml"
    instrument.write_text(
        "id: own\nversion: 1\ntitle: {en: O}\nstanding: {en: O}\nsource: [none]\nlicence: {tier: B, terms: none}\n"
        "option_sets: {often: {expresses: frequency, options: [{code: 1}, {code: 2}]}}\n"
        "items: [{id: own_a, options: often}, {id: own_b, options: often}]\n"
        "scales: [{id: own_s, title: {en: S}, description: {en: S}, items: [own_a, own_b], min_answered: 1}]\n",
        encoding="utf-8",
    )
    words = tmp_path / "words.yaml"
    words.write_text(
        "items: {own_a: {en: The first invented question, fr: La première question inventée}}\n"
        "options: {often: {1: Now and then, 2: {en: All the time, fr: Tout le temps}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "e.csv").write_text(
        "Your school,Your grade,La premiere question inventée !,Other\n001,7,Now  and THEN,x\n001,7,tout le temps,x\n",
        encoding="utf-8",
    )
    found = propose_map(tmp_path / "e.csv", [str(instrument)], out=tmp_path / "m.yaml", words=words)
    made = read_source(tmp_path / "m.yaml").data["items"]
    labels = {"Now and then": 1, "All the time": 2, "Tout le temps": 2}
    assert made == {"own_a": {"column": "La premiere question inventée !", "codes": labels}}
    assert found["labels_unknown"] == {} == found["not_shown"] and found["items_missing"] == ["own_b"]
    words.write_text("items: {other: x}\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match="not an item"):
        propose_map(tmp_path / "e.csv", [str(instrument)], out=tmp_path / "n.yaml", words=words)


def test_what_parts_the_cells_and_how_times_are_written_is_told(tmp_path):
    file = tmp_path / "e.csv"
    file.write_text("submitted;school;hr_bel_part\n03/04/2026 09:00;001;4\n", encoding="utf-8")
    found = propose_map(file, ["healthy-relationships"], out=tmp_path / "m.yaml")
    assert read_source(tmp_path / "m.yaml").data["delimiter"] == ";"
    assert any("dates: month_first or dates: day_first" in line for line in found["unsure"])


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "utf-16"])
@pytest.mark.parametrize("place", ["header", "rows"])
def test_an_encoding_that_is_not_utf_8_is_found_out_and_written(tmp_path, encoding, place):
    school = "Code de l'école" if place == "header" else "school"
    said = "4" if place == "header" else "Tout à fait d’accord"
    (tmp_path / "e.csv").write_bytes(f"{school};hr_bel_part\n001;{said}\n".encode(encoding))
    found = propose_map(tmp_path / "e.csv", ["healthy-relationships"], out=tmp_path / "m.yaml")
    made = read_source(tmp_path / "m.yaml").data
    assert (made["encoding"], made["delimiter"]) == (encoding, ";") and made["columns"] == {"school": school}
    assert found["not_shown"] == {} == found["labels_unknown"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=4, unique=True), st.text(), st.text(max_size=20))
def test_whatever_a_column_is_called_the_yaml_reads_back_and_is_no_more_than_that(tmp_path_factory, names, why, label):
    items = {f"item_{at}": {"column": name, "codes": {name: at}} for at, name in enumerate(names)}
    made = {"confirmed": False, "columns": {"school": names[0], "others": {"unit": names[0]}}, "items": items}
    proposal = Proposal(
        made, "csv", "separated text", "plain", [why], {"columns.school": why, "items.item_0": why}, {}, [why],
        {"items": [why]}, [why], [why], {"item_0": {label: 3}}, {"item_0": 2},
    )  # fmt: skip
    path = tmp_path_factory.mktemp("map") / "m.yaml"
    path.write_bytes(proposal_yaml(proposal).encode())
    assert read_source(path).data == made
