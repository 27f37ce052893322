"""Reading data contracts: what is kept, and what every refusal says."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectedness.declare.contract import contract_from, read_contract
from connectedness.declare.source import Source
from connectedness.errors import DeclarationError

HEAD = """\
kind: DataContract
apiVersion: v3.2.0
id: visits
version: 2.1.0
status: active
"""
TABLE = """\
schema:
  - name: visits
    properties:
      - name: school
        logicalType: string
        primaryKey: true
        primaryKeyPosition: 2
        classification: quasi-identifier
        enum: [{value: a, label: A school}, {value: b}]
      - name: day
        logicalType: date
        primaryKey: true
        primaryKeyPosition: 1
        customProperties: [{property: mayBeAbsent, value: true}]
        quality:
          - {metric: nullValues, mustBe: 0, severity: warning}
    quality:
      - {metric: rowCount, mustBeGreaterThan: 0}
"""


def read(text: str):
    return contract_from(Source(Path("visits.odcs.yaml"), text))


def test_what_the_compiler_needs_is_kept():
    contract = read(HEAD + TABLE)
    assert (contract.id, contract.version, contract.table) == ("visits", "2.1.0", "visits")
    assert contract.primary_key == ("day", "school")
    assert contract.classes == {"school": "quasi-identifier"}
    school, day = contract.properties
    assert school.enum == ("a", "b")
    assert day.may_be_absent and not school.may_be_absent
    assert day.quality[0].data == {"metric": "nullValues", "mustBe": 0, "severity": "warning"}
    assert day.quality[0].spot.line == HEAD.count("\n") + TABLE[: TABLE.index("- {metric: nullValues")].count("\n") + 1
    assert contract.quality[0].spot.key == "schema[0].quality[0]"


def test_a_contract_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        read(HEAD + TABLE).version = "3.0.0"


def test_the_share_of_bad_rows_is_five_percent_unless_the_contract_says_otherwise():
    assert read(HEAD + TABLE).max_bad_share == 0.05
    own = "customProperties: [{property: maxBadShare, value: 0.2}, {property: steward, value: Data office}]\n"
    assert read(HEAD + own + TABLE).max_bad_share == 0.2


LEVEL = """\
slaProperties:
  - {id: age, property: freshness, value: 2, unit: d, element: visits.day, driver: operational}
  - property: retention
    value: 5
    unit: y
    description: then deleted
    customProperties: [{property: severity, value: error}]
"""


def test_service_levels_are_read_with_their_place_and_words():
    age, retention = read(HEAD + LEVEL + TABLE).service_levels
    assert (age.id, age.property, age.value, age.unit, age.elements) == ("age", "freshness", 2, "d", ("day",))
    assert (age.severity, age.spot.key) == (None, "slaProperties[0]")
    assert age.spot.line == HEAD.count("\n") + 2
    assert str(age) == "freshness 2 d of day (operational)"
    assert retention.severity == "error" and str(retention) == "retention 5 y: then deleted"


def test_the_old_default_element_of_service_levels_is_read():
    text = HEAD + "slaDefaultElement: day\nslaProperties: [{property: latency, value: 1, unit: d}]\n" + TABLE
    assert read(text).service_levels[0].elements == ("day",)


@pytest.mark.parametrize(
    ("change", "key", "says"),
    [
        (("visits.day", "roster.day"), "slaProperties[0].element", "another table"),
        (("property: severity", "property: severitty"), "slaProperties[1].customProperties[0]", "not known"),
        (("value: error", "value: 3"), "slaProperties[1].customProperties", "is a word"),
    ],
)
def test_service_levels_that_do_not_hold_are_refused_with_their_line(change, key, says):
    with pytest.raises(DeclarationError, match=says) as caught:
        read(HEAD + LEVEL.replace(*change) + TABLE)
    assert caught.value.key == key and caught.value.line is not None


TEAM = """\
team:
  name: Data office
  members:
    - {username: clerk, name: A. Clerk, role: steward}
    - {username: data@district.example, name: Data desk, role: Data Owner}
    - {username: gone@district.example, role: data owner, dateOut: "2020-01-01"}
"""
SUPPORT = 'support: [{channel: Help desk, tool: email, url: "mailto:help@district.example"}]\n'


def test_the_owner_is_the_member_whose_role_says_so():
    contract = read(HEAD + TEAM + SUPPORT + TABLE)
    assert str(contract.owner) == "Data desk, data@district.example (Data Owner)"
    assert [one.name for one in contract.contacts] == ["A. Clerk", "Help desk"]
    assert contract.ask == (
        "Ask: Data desk, data@district.example (owner of the visits); or A. Clerk (steward); "
        "or Help desk, help@district.example."
    )


def test_the_old_form_of_a_team_is_read_too():
    old = "team:\n  - {username: data@district.example}\n  - {username: gone, replacedByUsername: data}\n"
    contract = read(HEAD + old + TABLE)
    assert contract.ask == "Ask: data@district.example (owner of the visits)." and contract.contacts == ()


def test_a_team_without_an_owner_owns_the_table_itself():
    contract = read(HEAD + "team: {name: Data office}\n" + SUPPORT + TABLE)
    assert contract.ask == "Ask: Data office (owner of the visits); or Help desk, help@district.example."
    assert read(HEAD + SUPPORT + TABLE).ask == "Ask: Help desk, help@district.example."
    assert read(HEAD + TABLE).ask == "" and read(HEAD + TABLE).owner is None


def test_the_packaged_contracts_name_an_office_and_no_person():
    folder = Path(__file__).resolve().parents[3] / "data_contracts"
    for name in ("responses", "roster"):
        contract = read_contract(folder / f"{name}.odcs.yaml")
        assert contract.owner is not None and not contract.owner.address and not contract.contacts


def test_the_packaged_contracts_describe_every_column():
    folder = Path(__file__).resolve().parents[3] / "data_contracts"
    for file in folder.glob("*.odcs.yaml"):
        contract = read_contract(file)
        assert contract.table == file.name.split(".")[0] == contract.id
        for one in contract.properties:
            assert one.description and one.logical_type
            assert one.classification in ("restricted-use", "quasi-identifier", "internal")


def test_one_name_has_one_meaning_over_all_contracts():
    folder = Path(__file__).resolve().parents[3] / "data_contracts"
    types: dict[str, set] = {}
    for file in folder.glob("*.odcs.yaml"):
        for one in read_contract(file).properties:
            types.setdefault(one.name, set()).add((one.logical_type, one.enum))
    assert {name for name, found in types.items() if len(found) > 1} == set()


def test_the_column_dictionary_names_every_column():
    folder = Path(__file__).resolve().parents[3] / "data_contracts"
    text = (folder / "README.md").read_text(encoding="utf-8")
    for file in folder.glob("*.odcs.yaml"):
        for one in read_contract(file).properties:
            assert f"| `{one.name}` |" in text


@pytest.mark.parametrize(
    ("change", "at", "key", "says"),
    [
        (("id: visits\n", ""), "kind:", "", "'id' is a required property"),
        (("kind: DataContract", "kind: Contract"), "kind:", "kind", "DataContract"),
        (("v3.2.0", "v2.2.2"), "apiVersion", "apiVersion", "only version 3"),
        (("v3.2.0", "v9"), "apiVersion", "apiVersion", "v3.2.0"),
        (("status: active", "statsu: active"), "statsu", "statsu", "not known"),
        (("mustBe: 0", "mustBee: 0"), "mustBee", "quality[0]", "exactly one of mustBe"),
        (("mustBe: 0", "mustBe: 0, sevrity: info"), "sevrity", "quality[0].sevrity", "not known"),
        (("metric: nullValues", "metric: nullValue"), "nullValue,", "quality[0].metric", "nullValues, missingValues"),
        (("logicalType: date", "logicalType: day"), "logicalType: day", "logicalType", "string, date"),
        (("name: day", "name: school # again"), "# again", "properties[1]", "stands twice"),
        (("name: day", "name: day\n        physicalName: d"), "physicalName", "physicalName", "left unchecked"),
        (("mayBeAbsent, value: true", "mayBeAbsent, value: 3"), "value: 3", "customProperties", "true or false"),
        (("mayBeAbsent", "maybeAbsent"), "maybeAbsent", "customProperties[0]", "mayBeAbsent"),
        (("{value: b}", "{label: B}"), "label: B", "enum[1]", "'value' is a required"),
    ],
)
def test_an_error_names_file_line_and_key(change, at, key, says):
    text = (HEAD + TABLE).replace(*change)
    with pytest.raises(DeclarationError) as caught:
        read(text)
    assert str(caught.value.file) == "visits.odcs.yaml"
    assert at in text.splitlines()[caught.value.line - 1]
    assert key in (caught.value.key or "")
    assert says in str(caught.value)


@pytest.mark.parametrize("share", ["five", "1.5", "-0.1", "true", ".nan"])
def test_a_share_of_bad_rows_is_a_number_from_0_to_1(share):
    with pytest.raises(DeclarationError, match="0 to 1"):
        read(HEAD + f"customProperties: [{{property: maxBadShare, value: {share}}}]\n" + TABLE)


def test_a_misspelt_share_of_bad_rows_is_not_taken_for_the_default():
    with pytest.raises(DeclarationError, match="maxBadShare"):
        read(HEAD + "customProperties: [{property: maxBadshare, value: 0.2}]\n" + TABLE)


def test_relationships_are_refused_rather_than_left_unchecked():
    relation = "relationships: [{type: foreignKey, to: roster.school}]"
    with pytest.raises(DeclarationError, match="left unchecked"):
        read((HEAD + TABLE).replace("        logicalType: date", f"        {relation}\n        logicalType: date"))


@pytest.mark.parametrize("schema", ["schema: []\n", "", TABLE + TABLE.removeprefix("schema:\n")])
def test_a_contract_describes_one_table(schema):
    with pytest.raises(DeclarationError, match="one table"):
        read(HEAD + schema)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DeclarationError, match=r"mine\.yaml: this file is not there"):
        read_contract(tmp_path / "mine.yaml", "mine.yaml")
