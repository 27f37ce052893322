"""Separator and encoding of a roster: declared, or found out; never read otherwise than it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.ingest.roster_examples import EXAMPLES, RosterProject, counts, files_of, levels, of
from unit.ingest.small_survey import answer

from connectedness.errors import ContractError, DeclarationError
from connectedness.ingest.roster_text import separator_found
from connectedness.ingest.zipped import Held

NAMES = ("token", "school", "grade")


@pytest.fixture
def roster(tmp_path):
    made = RosterProject(tmp_path)
    made.roster = {"file": "inbox/{wave}/roster.csv"}
    return made


@pytest.mark.parametrize("mark", [";", "\t", "|", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_roster_as_a_french_excel_saves_it(roster, mark, encoding):
    text = "token;school;grade\r\né1;001;7e année\r\n2;001;Maternelle\r\n".replace(";", mark)
    roster.put("roster.csv", text.encode(encoding))
    found = roster.read()
    assert counts(found) == {("001", "7"): 1, ("001", "K"): 1} and of(found, "é1")["grade"] == "7"


@pytest.mark.parametrize("kind", ["plain", "edfi", "1.1", "1.2"])
def test_every_format_with_semicolons_gives_the_same(roster, kind):
    def turned(content: bytes) -> bytes:
        import csv
        import io

        out = io.StringIO(newline="")
        rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        csv.writer(out, delimiter=";").writerows(rows)
        return out.getvalue().encode("cp1252")

    if kind in ("1.1", "1.2"):
        more = {"district": "d1"} if kind == "1.1" else {}
        plain = roster.oneroster(kind, **more).read()
        changed = {name: turned(content) for name, content in files_of(kind).items()}
        found = roster.oneroster(kind, changed=changed, **more).read()
    else:
        name = {"plain": "plain/roster.csv", "edfi": "edfi/student_school_associations.csv"}[kind]
        more = {"token": "student_token"} if kind == "plain" else {}
        roster.example(name, "csv" if kind == "plain" else kind, **more)
        plain = roster.read()
        roster.put(name.rpartition("/")[2], turned((EXAMPLES / name).read_bytes()))
        found = roster.read()
    assert found.frame.equals(plain.frame)


def test_what_is_declared_counts(roster):
    roster.put("roster.csv", b"token;school;grade\n1;001;7\n")
    roster.roster["delimiter"] = ","
    with pytest.raises(ContractError, match=r'delimiter: ";" under roster in survey\.yaml'):
        roster.read()
    roster.roster["delimiter"] = ";"
    assert counts(roster.read()) == {("001", "7"): 1}
    roster.put("roster.csv", "token;school;grade\né;001;7\n".encode("cp1252"))
    roster.roster["encoding"] = "utf-8"
    with pytest.raises(ContractError, match=r"under roster in survey\.yaml"):
        roster.read()
    roster.roster["encoding"] = "windows-1252"
    assert counts(roster.read()) == {("001", "7"): 1}
    roster.roster["encoding"] = "klingon"
    with pytest.raises(DeclarationError, match=r"survey\.yaml, roster\.encoding"):
        roster.read()
    for bad in (";;", '"', ""):
        roster.roster["delimiter"] = bad
        with pytest.raises(DeclarationError, match="one character"):
            roster.read()


def test_an_encoding_that_cannot_be_found_out_is_said_and_not_guessed(roster):
    roster.put("roster.csv", b"token,school,grade\n\xc9,001,7\n")
    with pytest.raises(ContractError, match="under roster in survey.yaml") as told:
        roster.read()
    assert "column map" not in str(told.value)


def test_the_file_of_groups_is_found_out_and_told_of_by_its_own_name(roster):
    roster.survey["breakdowns"] = [{"id": "langue", "levels": levels("Français", "Innu")}]
    roster.put("roster.csv", b"token,school,grade\n1,001,7\n2,001,7\n")
    roster.put("groups.csv", "id;langue\n1;Français\n2;Innu\n".encode("cp1252"))
    groups = {"file": "inbox/{wave}/groups.csv", "token": "id", "columns": {"langue": "langue"}}
    roster.roster["groups"] = groups
    assert [of(roster.read(), one)["langue"] for one in "12"] == ["Français", "Innu"]
    roster.put("groups.csv", b"no;langue;x\n1;fr;x\n")
    with pytest.raises(ContractError, match=r"file of groups.*\n.*\n.*"):
        roster.read()
    roster.roster["groups"] = {**groups, "delimiter": ","}
    with pytest.raises(ContractError, match=r"under roster\.groups in survey\.yaml"):
        roster.read()


def test_a_wave_with_such_a_roster_is_joined(small):
    small.roster({"token": "s1", "school": "001", "grade": "7"}, {"token": "s2", "school": "001", "grade": "8"})
    path = small.root / "inbox" / "w2" / "roster.csv"
    path.write_bytes(path.read_bytes().replace(b",", b";"))
    small.rows(answer("s1"), answer("s2"))
    assert len(small.ingest().responses) == 2


@given(st.lists(st.sampled_from(["a;b", "c,d", "e\tf", "g", '"h'])), st.sampled_from([",", ";", "\t", "|"]), st.data())
def test_the_separator_of_a_header_is_found_whatever_else_stands_in_it(others, mark, data):
    import csv
    import io

    names = data.draw(st.permutations([*NAMES, *others]))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark).writerow(names)
    assert separator_found(Held("r.csv", out.getvalue().encode()), NAMES) == mark
