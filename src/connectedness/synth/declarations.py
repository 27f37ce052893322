"""The declarations of the synthetic district: `survey.yaml` and its column map."""

from __future__ import annotations

from datetime import date

from connectedness.declare.instrument import Instrument
from connectedness.newproject import question_columns
from connectedness.synth.answers import item_models
from connectedness.synth.export import NOT_ANSWERED, PREVIEW, answer_texts
from connectedness.synth.plan import LAST_YEAR, Plan

SURVEY_ID = "maple_fork"
FIRST_LINE = "# A synthetic district, made by: connectedness demo. No person in it exists."

_SURVEY = """\
{first_line}
id: {id}
title: {{en: Maple Fork School Division, fr: Division scolaire Maple Fork}}
synthetic: true
publisher: {{name: Maple Fork School Division, contact: belonging@maple-fork.example}}
licence: {{name: CC0-1.0, title: Creative Commons Zero 1.0, path: "https://creativecommons.org/publicdomain/zero/1.0/"}}
keywords: [belonging, school connectedness, peer relationships, synthetic data]
url: https://maple-fork.example/belonging
timezone: America/Edmonton
languages: [en, fr]
units: [district, school]
identity: {{token: student_token}}
instruments: [{pinned}]
modules: []                      # sensitive modules are off until named here
roster: {{format: csv, file: "inbox/{{wave}}/roster.csv", snapshot: {snapshot}}}
waves:
{waves}
breakdowns:
  - {{id: grade_band, title: {{en: Grades, fr: Niveaux}}}}
  - id: learning_mode
    title: {{en: Way of going to school, fr: Mode d'apprentissage}}
    levels:
      in_person: {{en: In person, fr: En personne}}
      digital: {{en: Online, fr: En ligne}}
      blended: {{en: Some of both, fr: Les deux}}
  - id: group
    title: {{en: Time in the country, fr: Temps passé au pays}}
    levels:
      newcomer: {{en: Newcomer, fr: Récemment arrivé}}
      not_newcomer: {{en: Not a newcomer, fr: Arrivé depuis longtemps ou né ici}}
      not_said: {{en: Rather not say, fr: Préfère ne pas le dire}}
measures:
  - {{id: belonging, scale: hr_belonging, statistic: mean, title: {{en: Belonging, fr: Appartenance}}}}
  - id: belonging_favourable
    scale: hr_belonging
    statistic: mean_of_shares
    title: {{en: "Belonging, share of favourable answers", fr: "Appartenance, part de réponses favorables"}}
  - {{id: one_adult, item: hr_adults, statistic: share_at_least, code: 1}}
  - {{id: two_adults, item: hr_adults, statistic: share_at_least, code: 2}}
policy: default                  # a preset's name, or a block
schedule: {{cron: "0 6 * * 1-5"}}
events:
  - {{school: "{school}", date: {began}, practice: advisory, note: {{en: Advisory time began, fr: Début du temps de conseil}}}}
schools:
{schools}
"""  # noqa: E501

_MAP = """\
# How the synthetic survey tool writes its files. A column that is not named here is never read.
format: csv
encoding: utf-8
columns:
  token: student_token
  response_id: ResponseId
  wave: Wave
  school: School
  grade: Grade
  learning_mode: {{column: {mode}, values: {{{modes}}}}}
  started_at: StartDate
  submitted_at: EndDate
  duration_s: Duration
  complete: {{column: Finished, agreed: ["True"]}}
  instrument: SurveyVersion
exclude:
  - {{column: Status, values: ["{preview}"], reason: preview}}
missing: {{"{not_answered}": skipped}}
blank: skipped
items:
{items}
"""


def survey_text(plan: Plan, instrument: Instrument) -> str:
    """`survey.yaml` of the district; the last wave is open."""
    last = len(plan.waves) - 1
    waves = "\n".join(
        f"  - {{id: {one.id}, title: {{en: Fall {one.opens.year}, fr: Automne {one.opens.year}}}, "
        f"window: [{one.opens}, {one.closes}], "
        f'files: ["inbox/{one.id}/export-*.csv"], map: maps/export.yaml, closed: {str(n != last).lower()}}}'
        for n, one in enumerate(plan.waves)
    )
    schools = "\n".join(f'  "{one.id}": {{en: "{one.name_en}", fr: "{one.name_fr}"}}' for one in plan.schools)
    return _SURVEY.format(
        first_line=FIRST_LINE,
        id=SURVEY_ID,
        pinned=instrument.pinned,
        snapshot=date(LAST_YEAR, 10, 1),
        waves=waves,
        school=plan.schools[plan.rose or 0].id,
        began=date(LAST_YEAR, 1, 15),
        schools=schools,
    )


def map_text(instrument: Instrument) -> str:
    """`maps/export.yaml`."""
    columns = question_columns(instrument)
    mode = next(item for item in instrument.items if item.fills == "learning_mode")
    options = instrument.option_sets[mode.options].options
    lines = []
    for model in item_models(instrument):
        said = answer_texts(instrument, model)
        words = ", ".join(f'"{text}": {code}' for code, text in said.items() if text != str(code))
        column = columns[model.item.id]
        lines.append(f"  {model.item.id}: " + (f"{{column: {column}, codes: {{{words}}}}}" if words else column))
    return _MAP.format(
        mode=columns[mode.id],
        modes=", ".join(f'"{option.code}": {option.level}' for option in options),
        preview=PREVIEW,
        not_answered=NOT_ANSWERED,
        items="\n".join(lines),
    )
