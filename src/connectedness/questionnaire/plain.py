"""A page to print, or to copy into any tool: HTML, since a browser, a printer and a screen reader all know it.

Each question is a `fieldset` with the question as its `legend`, its answers are radio buttons with labels. Nothing is
loaded and nothing is sent.
"""

from __future__ import annotations

import html
from collections.abc import Iterator

from connectedness.errors import DeclarationError
from connectedness.questionnaire.content import Content, Question, plain
from connectedness.questionnaire.escaping import as_html

ENDING = ".html"
SCHOOL, TOKEN = "school", "code"
_STYLE = """\
:root { color-scheme: light; }
body { font: 1.05rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #111; }
fieldset { border: 1px solid #555; border-radius: 4px; margin: 0 0 1.25rem; padding: .5rem 1rem .75rem; }
legend { font-weight: 600; padding: 0 .25rem; }
label { display: block; padding: .2rem 0; }
input[type=text] { font: inherit; border: 1px solid #555; padding: .25rem; width: 100%; max-width: 20rem; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; } fieldset { break-inside: avoid; } }
"""


def write(content: Content) -> str:
    """Write the page, in the content's first language.

    Raises
    ------
    DeclarationError
        When two questions have the same text: a form names its columns by the texts of questions.
    """
    _must_differ(content)
    language = content.languages[0]
    body = "\n".join(_body(content, language))
    title = as_html(content.title[language])
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def columns(content: Content) -> dict[str, str]:
    """Heading of each question's column in a form's export: the question, word for word."""
    language = content.languages[0]
    consent = [content.consent] if content.consent else []
    return {one.id: one.text[language] for one in [*content.questions, *consent]}


def asked_beside(content: Content) -> dict[str, str]:
    """Headings of the questions about token and school, where they are asked."""
    language = content.languages[0]
    asked = {TOKEN: content.token and content.texts["code"], SCHOOL: content.school and content.texts["school"]}
    return {name: words[language] for name, words in asked.items() if isinstance(words, dict)}


def _body(content: Content, language: str) -> Iterator[str]:
    yield f"<p>{as_html(content.texts['welcome'][language])}</p>"
    beside = asked_beside(content)
    if TOKEN in beside:
        yield _text(TOKEN, beside[TOKEN])
    if SCHOOL in beside:
        named = [(one, words.get(language, one)) for one, words in content.schools]
        yield _choices(SCHOOL, beside[SCHOOL], named) if named else _text(SCHOOL, beside[SCHOOL])
    heading = content.texts["part"][language]
    for part in (one for one in content.parts if not one.sensitive):
        yield f"<h2>{as_html(heading.replace('{n}', str(part.number)))}</h2>"
        yield from (_asked(one, language) for one in part.questions)
    if content.consent:
        last = max((part.number for part in content.parts if not part.sensitive), default=0) + 1
        yield f"<h2>{as_html(heading.replace('{n}', str(last)))}</h2>"
        yield _asked(content.consent, language)
        yield from (_asked(one, language) for part in content.parts if part.sensitive for one in part.questions)
    yield f"<p>{as_html(content.texts['thanks'][language])}</p>"


def _asked(one: Question, language: str) -> str:
    return _choices(one.id, one.text[language], [(str(choice.code), choice.label[language]) for choice in one.choices])


def _choices(name: str, text: str, choices: list[tuple[str, str]]) -> str:
    lines = [
        f'<label><input type="radio" name="{html.escape(name)}" value="{html.escape(value)}"> {as_html(label)}</label>'
        for value, label in choices
    ]
    return f"<fieldset>\n<legend>{as_html(text)}</legend>\n" + "\n".join(lines) + "\n</fieldset>"


def _text(name: str, text: str) -> str:
    field = f'<input type="text" name="{name}" aria-label="{html.escape(text)}">'
    return f"<fieldset>\n<legend>{as_html(text)}</legend>\n{field}\n</fieldset>"


def _must_differ(content: Content) -> None:
    seen: dict[str, str] = {}
    for name, text in {**asked_beside(content), **columns(content)}.items():
        if (other := seen.setdefault(plain(text), name)) != name:
            raise DeclarationError(
                "two questions have the same text, and a form names its columns by the texts of questions.",
                found=f"{other} and {name}: {text}",
                todo="Give one of them another text, or use a tool that keeps ids: qualtrics, limesurvey or redcap.",
            )
