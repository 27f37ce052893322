"""First check of direction: do the labels that a file carries stand in the instrument's order?"""

from __future__ import annotations

from collections.abc import Mapping

from connectedness.declare.instrument import Instrument, Scale
from connectedness.psychometrics.direction_finding import Finding, Verdict
from connectedness.psychometrics.direction_words import plain, rank_words

Labels = Mapping[str, Mapping[int, str]]


def check_labels(instrument: Instrument, scale: Scale, labels: Labels | None) -> list[Finding]:
    """One finding per item that the file labels; one for the scale where it labels none."""
    given = {item: dict(labels[item]) for item in scale.items if labels and labels.get(item)}
    if not given:
        words = "the file carries no value labels, so the order of its codes was not compared with the instrument."
        return [Finding("labels", scale.id, None, "not_checked", "no_labels", f"{scale.id}: {words}")]
    missing = [item for item in scale.items if item not in given]
    found = [_item(instrument, scale, item, words) for item, words in given.items()]
    return found + [
        Finding("labels", scale.id, item, "not_checked", "no_labels", f"{item}: the file carries no labels for it.")
        for item in missing
    ]


def _item(instrument: Instrument, scale: Scale, item: str, labels: dict[int, str]) -> Finding:
    codes = instrument.codes(item)
    words = {code: labels[code] for code in codes if plain(labels.get(code, ""))}

    def finding(verdict: Verdict, cause: str, sentence: str) -> Finding:
        return Finding("labels", scale.id, item, verdict, cause, f"{item}: {sentence}", n=len(words))

    own = _instrument_words(instrument, item)
    known = {code: own[plain(label)] for code, label in words.items() if plain(label) in own}
    wrong = _against_own(instrument, item, words, known)
    if wrong:
        return finding("stop", *wrong)
    # Words known here are ranked even where they are the instrument's own: its list may stand upside down.
    ranks = rank_words(words)
    if ranks:
        return finding(*_against_order(codes, words, ranks))
    if len(known) > 1:
        return finding("ok", "same_labels", "the labels in the file are the instrument's.")
    todo = "their order was not compared with the instrument. Compare them by eye."
    return finding("not_checked", "unknown_words", f"the labels in the file are not words known here, so {todo}")


def _instrument_words(instrument: Instrument, item: str) -> dict[str, int]:
    """Code of each label that the instrument ships, in every language."""
    options = instrument.option_sets[instrument.item_by_id[item].options].options
    found: dict[str, int] = {}
    for option in options:
        if option.label is not None:
            found |= {plain(text): option.code for text in (option.label.en, option.label.fr) if text}
    return found


def _against_own(
    instrument: Instrument, item: str, words: dict[int, str], known: dict[int, int]
) -> tuple[str, str] | None:
    """`known`: the code that the instrument gives to the words which the file gives to each code."""
    wrong = [code for code, meant in known.items() if code != meant]
    if not wrong:
        return None
    place = {code: rank for rank, code in enumerate(instrument.codes(item))}
    cause, sentence = _mistake(words, {code: place[meant] for code, meant in known.items()}, place)
    if cause == "codes_reversed":
        return cause, sentence
    code = wrong[0]
    say = f"the file says {code} = {words[code].strip()}, which has the code {known[code]} in the instrument."
    return "codes_differ", f"{say} Likely cause: the codes were changed, or start at another number."


def _against_order(codes: tuple[int, ...], words: dict[int, str], ranks: dict[int, int]) -> tuple[Verdict, str, str]:
    place = {code: rank for rank, code in enumerate(codes)}
    cause, sentence = _mistake(words, ranks, place)
    if cause:
        return "stop", cause, sentence
    return "ok", "same_order", "the labels in the file stand in the instrument's order."


def _mistake(words: dict[int, str], ranks: dict[int, int], place: dict[int, int]) -> tuple[str, str]:
    """Hold the order that the words tell (`ranks`) against the order that the instrument declares (`place`)."""
    ordered = sorted(ranks, key=lambda code: place[code])
    steps = [ranks[after] - ranks[before] for before, after in zip(ordered, ordered[1:], strict=False)]
    if all(step >= 0 for step in steps):
        return "", ""
    if all(step <= 0 for step in steps):
        code = min(ordered)
        opposite = words[ordered[-1 - ordered.index(code)]].strip()
        read = f"codes {code} = {words[code].strip()} read as {code} = {opposite}"
        return (
            "codes_reversed",
            f"{read}. Likely cause: the options of the instrument stand upside down for this file.",
        )
    return "codes_disordered", "the labels in the file stand in another order than the instrument's options."
