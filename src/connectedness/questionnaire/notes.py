"""What an analyst should know of a questionnaire: how to import it, and how tokens, schools and answers come back."""

from __future__ import annotations

from pathlib import Path

from connectedness.declare.survey import Survey
from connectedness.questionnaire import limesurvey
from connectedness.questionnaire.content import Content


def notes_of(content: Content, tool: str, file: Path, map_file: Path, survey: Survey | None) -> list[str]:
    """Say in sentences what to do with the file; none of it stands in the file that students see."""
    own = {"qualtrics": _qualtrics, "limesurvey": _limesurvey, "redcap": _redcap, "plain": _plain}[tool]
    return [
        *own(content, file.name),
        *_languages(content, tool),
        *_modules(content, survey),
        f"Reading it back: name the column map in survey.yaml, under the wave:  map: {map_file.name}  (or its path"
        " in the project). Keep the wording, tags and codes as they are, and nothing needs mapping by hand.",
    ]


def _qualtrics(content: Content, file: str) -> list[str]:
    notes = [f"Import: in Qualtrics, make a project from a file (a QSF), and choose {file}."]
    if content.token:
        notes.append(
            f"Tokens: put each student's id into the contact list as the embedded data field {content.token}, or at the"
            f" end of the student's link: ?{content.token}=ID. The survey's flow keeps it."
        )
    if content.school:
        notes.append(
            f"Schools: the embedded data field {content.school}, in the contact list or the link: ?school=017."
        )
    return [*notes, "Export: CSV with the header rows as they are. Numeric values and choice text are both read."]


def _limesurvey(content: Content, file: str) -> list[str]:
    notes = [f"Import: in LimeSurvey, create a survey, 'Import', and choose {file} (tab-separated values)."]
    if content.token:
        notes.append(
            "Tokens: make the participant list (survey participants) with each student's id as the access code"
            " (token), and keep answers not anonymised, or the token does not come back."
        )
    if content.school:
        code = limesurvey.codes(content)[content.school]
        notes.append(f"Schools: a hidden question takes the school from the link: &{code}=017.")
    return [*notes, "Export: CSV with question codes as headings. Answer codes and full answers are both read."]


def _redcap(content: Content, file: str) -> list[str]:
    notes = [
        f"Import: in a new REDCap project, upload the data dictionary {file}, then make 'student_survey' a survey."
    ]
    if content.token:
        notes.append(
            "Tokens: import one record a student before the survey opens, with the student's id as record_id"
            + (" and the school" if content.school else "")
            + "; then use the participant list of 'student_survey' for the links."
        )
    elif content.school:
        notes.append("Schools: the public link fills a hidden field: &school=017.")
    return [
        *notes,
        "Export: CSV, raw or labels, with survey timestamps included. Leave the dictionary beside the export where"
        " headings are labels.",
    ]


def _plain(content: Content, file: str) -> list[str]:
    notes = [
        f"Use: print {file}, or copy it into a form, one multiple-choice question for each; copy, do not retype.",
        "Google Forms and Microsoft Forms head each column with the question's text, and write answers as labels: as"
        " long as both are as on the page, word for word, the export maps itself. The headings are in the map.",
    ]
    if content.token:
        notes.append(
            "Tokens: such forms carry none, so students type the code on their card; leave the question out, and the"
            " token out of the map, if the survey is to be anonymous."
        )
    if content.school:
        notes.append(
            "Schools: the question about the school is needed unless a roster tells it"
            + ("." if content.schools else "; give its answers as the ids that your roster or reports use.")
        )
    return notes


def _languages(content: Content, tool: str) -> list[str]:
    if len(content.languages) > 1:
        return ["Languages: English and French, in one file."]
    only = "French" if content.languages[0] == "fr" else "English"
    if tool not in ("redcap", "plain"):
        return [f"Language: {only} only."]
    more = "translate it with REDCap's multi-language management" if tool == "redcap" else "--lang writes the other one"
    return [f"Language: this file holds {only}; {more}."]


def _modules(content: Content, survey: Survey | None) -> list[str]:
    instrument = content.instrument
    asked = {instrument.module_of[one.id] for one in content.questions if one.id in instrument.module_of}
    notes = [
        f"Sensitive module {module.id}, a question for your counsel first: {module.legal_question.en.strip()}"
        for module in instrument.modules
        if module.id in asked
    ]
    if asked:
        notes.append(
            "A student's own yes is not a parent's consent. Name the modules in survey.yaml too:"
            f"  modules: [{', '.join(sorted(asked))}]"
        )
    elif survey and set(survey.modules) & {module.id for module in instrument.modules}:
        notes.append(
            f"survey.yaml names {', '.join(survey.modules)}; this questionnaire does not ask them: --modules adds them."
        )
    return notes
