"""Every rule that can set a row aside has plain words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from unit.validation.contract_examples import allowed, codes, contract

from connectedness.validation.compile import compile_contract
from connectedness.validation.sentences import ON_THE_ROSTER, RULES, words_of

INGEST = Path(__file__).resolve().parents[3] / "src/connectedness/ingest"


def rules_of_ingest() -> set[str]:
    code = "\n".join(file.read_text(encoding="utf-8") for file in sorted(INGEST.glob("*.py")))
    calls = re.findall(r"\.quarantine\((.*?)\)\n", code, flags=re.S)
    return {name for call in calls for name in re.findall(r'"([a-z]+_[a-z_]+|duplicate)"', call)} - {"respondent"}


def test_the_rules_of_ingest_are_known_here():
    found = rules_of_ingest()
    assert {"no_id", "unknown_school", "duplicate", "not_on_roster"} <= found
    named = {"no_id", "unknown_wave", "no_school", "unknown_school", "duplicate", "not_on_roster", "unknown_grade"}
    assert named | {"too_many_bad_items", "wrong_number_of_cells"} <= set(RULES)


@pytest.mark.parametrize("rule", sorted(rules_of_ingest() & {*RULES}))
def test_a_rule_of_ingest_says_what_is_wrong_and_what_to_do(rule):
    words = words_of(rule)
    assert words == RULES[rule]
    assert words.sentence[0].islower() and not words.sentence.endswith(".")
    assert words.todo[0].isupper() and words.todo.endswith(".")


@pytest.mark.parametrize("table", ["responses", "roster"])
def test_every_rule_of_a_contract_can_be_said(table):
    suite = compile_contract(contract(table), codes(table), allowed(table))
    for rule in suite.rules:
        words = words_of(rule.id, table, rule.description)
        assert "_" not in words.sentence.partition("(")[0].replace(rule.description, "")
        assert words.todo.endswith(".")


def test_the_same_rule_has_another_remedy_on_the_roster():
    assert words_of("duplicate", "roster") == ON_THE_ROSTER["duplicate"] != words_of("duplicate")


def test_a_rule_that_nobody_knows_is_still_a_sentence():
    assert words_of("odd_rule").sentence == "the rule odd rule does not hold"
    assert words_of("x.y", "t", "x: is odd").sentence == "this does not hold: x: is odd"
