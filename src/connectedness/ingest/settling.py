"""What rows say of one another, once all have been read: a student's last word and last submission count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from connectedness.errors import ContractError
from connectedness.ingest.answers import BLANK, OUTSIDE, TEXT, fault_kind
from connectedness.ingest.batch import Batch
from connectedness.ingest.consent import last_word_counts
from connectedness.ingest.kept import Kept, Shelf
from connectedness.ingest.outcomes import Outcomes
from connectedness.ingest.plan import Plan
from connectedness.ingest.rare import Rare
from connectedness.ingest.whole_file import EXPORTED_AGAIN

_LAST = ("learning_mode", "started_at", "submitted_at", "duration_s", "source", "source_row")


class Settling:
    """Takes a wave's rows from the shelf, and counts what became of them.

    Attributes
    ----------
    accepted : Counter
        Rows that went on, by the file's number.
    rejected : list of DataFrame
        Lines of the others, chunk by chunk, in order.
    schools : set of str
        Schools of the rows that went on.
    """

    def __init__(self, plan: Plan, batches: Sequence[Batch], values: dict[str, dict[str, int]], rare: Rare) -> None:
        self.plan, self.batches, self.values, self.rare = plan, batches, values, rare
        self.accepted: Counter[int] = Counter()
        self.rejected: list[tuple[int, pd.DataFrame]] = []
        self.files: list[int] = []  # of each chunk
        self._bad: Counter[tuple[int, int, int]] = Counter()
        self._labels: Counter[tuple[int, int]] = Counter()
        self.schools: set[str] = set()

    def parts(self, chunks: Sequence[Kept], shelf: Shelf) -> Iterator[pd.DataFrame]:
        """Accepted rows, a chunk at a time, columns in the order of the table."""
        final = self._last_ones(chunks)
        self.rare.settle(chunks, final, self.values)
        ends = np.cumsum([len(one) for one in chunks])
        for one, end in zip(chunks, ends, strict=True):
            # Of what was kept only the open rows wait on the shelf; the others have their lines.
            whole = final.at(np.arange(end - len(one), end))
            outcomes = whole.at(one.outcomes.open)
            waiting = shelf.take(one.table)
            late = outcomes.rejected("responses", waiting["source"], waiting["source_row"], waiting["school"])
            lines = pd.concat([_told_anew(one, whole), late], ignore_index=True).sort_values("row", ignore_index=True)
            self.rejected.append((one.file, lines))
            self.schools |= set(waiting.loc[outcomes.open, "school"].unique())
            self.accepted[one.file] += int(outcomes.open.sum())
            self._count_faults(one, outcomes.open)
            batch = self.batches[one.file]
            yield self._table(self.rare.make_unknown(waiting[outcomes.open], batch.name), batch.blank)

    def _last_ones(self, chunks: Sequence[Kept]) -> Outcomes:
        """Outcomes of the rows that later ones may replace; one that is alone of its submission is left as it is."""
        self.files = [one.file for one in chunks]
        outcomes = Outcomes.joined([one.outcomes for one in chunks])
        submission = _numbered(np.concatenate([one.submission for one in chunks]))
        some = np.flatnonzero(np.bincount(submission)[submission] > 1)
        submitted_at = pd.concat([one.submitted_at for one in chunks], ignore_index=True).iloc[some]
        facts = pd.DataFrame({"submission": submission[some], "submitted_at": submitted_at.reset_index(drop=True)})
        facts["again"] = np.concatenate([one.again for one in chunks])[some]
        judged = outcomes.at(some)
        last_word_counts(facts, judged)
        self._leave_out_exported_again(facts, judged)
        again = _earlier(facts, judged.open, ["submission"])
        judged.quarantine(again, "duplicate", self.plan.token or self.plan.columns.response_id)
        outcomes.put(some, judged)
        self._time_must_decide(
            facts["submission"], judged, np.repeat(np.arange(len(chunks)), [*map(len, chunks)])[some]
        )
        return outcomes

    def _time_must_decide(self, submission: pd.Series, judged: Outcomes, chunk: np.ndarray) -> None:
        """Stop where a student's last answer is to count, and a file with one of them has no time that was read."""
        twice = submission[judged.rule == "duplicate"].unique()
        among = submission.isin(twice).to_numpy() & (judged.open | (judged.rule == "duplicate"))
        for place in np.unique(chunk[among]):
            file = self.batches[self.files[place]]
            if file.no_time:
                n = len(twice)
                raise ContractError(
                    "no time of submission in this file could be read, and it is needed: the last answer of a student "
                    "counts.",
                    file=file.name,
                    column=self.plan.columns.submitted_at,
                    found=f"{n:,} {'student who' if n == 1 else 'students who each'} answered more than once",
                    allowed="times such as 2026-10-05 14:30, or a declared order of day and month",
                    todo=f"{file.no_time[:1].upper()}{file.no_time[1:]}, then run again.",
                )

    def _leave_out_exported_again(self, facts: pd.DataFrame, judged: Outcomes) -> None:
        """Of one submission that stands more than once the latest good row counts, or else the latest there is."""
        same, column = ["submission", "again"], self.plan.columns.response_id
        judged.replaced(_earlier(facts, judged.open, same), EXPORTED_AGAIN, column)
        judged.replaced(_earlier(facts, judged.open | judged.aside, same) & judged.aside, EXPORTED_AGAIN, column)

    def _count_faults(self, one: Kept, accepted: np.ndarray) -> None:
        faults = one.faults
        # Rows set aside for their answers have the place -1, and count.
        counted = np.append(accepted, True)[faults.row]
        item, label = faults.item[counted], faults.label[counted]
        kinds = np.where(label < 0, OUTSIDE, TEXT)
        for place, kind, n in _tally(item, kinds):
            self._bad[one.file, place, kind] += n
        for place, number, n in _tally(item[label >= 0], label[label >= 0]):
            self._labels[place, number] += n

    def _table(self, rows: pd.DataFrame, blank: int) -> pd.DataFrame:
        units = [name for name in self.plan.survey.units if name in rows and name != "school"]
        first = ["wave", "respondent", "school", *units]
        items = [one.item.id for one in self.plan.items]
        groups = [name for name in rows if name not in {*first, *_LAST, *items}]
        codes = rows[items].mask(rows[items] == BLANK, blank).astype(np.int16)
        return pd.concat([rows[[*first, *groups, *_LAST]], codes], axis=1).reset_index(drop=True)

    def of_file(self, number: int) -> pd.DataFrame:
        """Lines of one file's rows that were not accepted."""
        return pd.concat([lines for file, lines in self.rejected if file == number], ignore_index=True)

    def bad_items(self) -> list[dict[str, Any]]:
        """Bad answers by file, item and kind; no row is named."""
        return [
            {
                "file": self.batches[file].name,
                "item": one.item.id,
                "n": n,
                "kind": fault_kind(kind, one.instrument.codes(one.item.id)),
            }
            for (file, place, kind), n in sorted(self._bad.items())
            for one in [self.plan.items[place]]
        ]

    def unknown_labels(self, texts: Sequence[str]) -> dict[tuple[str, str], int]:
        """Rows that hold each label that nothing explains, by item; `texts` are the labels by number."""
        return {(self.plan.items[place].item.id, texts[number]): n for (place, number), n in self._labels.items()}


def _tally(item: np.ndarray, what: np.ndarray) -> list[tuple[int, int, int]]:
    pairs, n = np.unique(np.stack([item, what]), axis=1, return_counts=True)
    return [(int(a), int(b), int(times)) for a, b, times in zip(*pairs, n, strict=True)]


def _numbered(words: np.ndarray) -> np.ndarray:
    """A number for each submission, the same where the words are."""
    order = np.lexsort(words.T)
    ordered = words[order]
    new = np.ones(len(words), dtype=np.int64)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    number = np.empty(len(words), dtype=np.int64)
    number[order] = np.cumsum(new)
    return number


def _told_anew(one: Kept, final: Outcomes) -> pd.DataFrame:
    """Lines of a chunk's rows that were settled by themselves; some of them turned out to be exported again."""
    lines, settled = one.rejected.copy(), final.at(~one.outcomes.open)
    changed = settled.rule == EXPORTED_AGAIN
    if changed.any():
        some = settled.at(changed)
        places = one.lines[changed]
        for name, said in (("kind", some.kind), ("rule", some.rule), ("column", some.column)):
            lines.iloc[places, lines.columns.get_loc(name)] = said
    return lines


def _earlier(facts: pd.DataFrame, among: np.ndarray, alike: list[str]) -> np.ndarray:
    """Rows `among` which a later one is `alike`: by time of submission, then by order of rows."""
    rows = facts[among]
    ordered = rows.sort_values("submitted_at", kind="stable", na_position="first")
    again = np.zeros(len(facts), dtype=bool)
    again[ordered.index[ordered.duplicated(alike, keep="last")]] = True
    return again
