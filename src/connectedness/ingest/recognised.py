"""What a file was recognised as, how surely, and by what signs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Confidence = Literal["certain", "likely", "plain"]


@dataclass(frozen=True)
class Recognised:
    """A format, and why it is thought to be this one.

    Attributes
    ----------
    format : str
        `qualtrics`, `google_forms`, `microsoft_forms`, `limesurvey`, `redcap`, `surveymonkey`, `sav`, `dta`,
        `parquet`, `xlsx` or `csv`; `redcap_dictionary` is no export but explains one.
    confidence : str
        `certain` (signs that nothing else writes), `likely` (the usual signs), or `plain` (a table whose first row
        names its columns).
    why : list of str
        The signs, in words.
    title : str
        The format's name, as people call it.
    """

    format: str
    confidence: Confidence
    why: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The format's name, as people call it."""
        return TITLES[self.format]


TITLES = {
    "qualtrics": "Qualtrics", "google_forms": "Google Forms", "microsoft_forms": "Microsoft Forms",
    "limesurvey": "LimeSurvey", "redcap": "REDCap", "redcap_dictionary": "a REDCap data dictionary",
    "surveymonkey": "SurveyMonkey", "sav": "SPSS", "dta": "Stata", "parquet": "parquet", "xlsx": "an Excel workbook",
    "csv": "separated text",
}  # fmt: skip
