"""Templates filled and assets laid out: the one place that turns words and figures into HTML."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateNotFound
from markupsafe import Markup

from connectedness.dashboard.words import Words
from connectedness.files import link_or_copy, write_text
from connectedness.packaged import find_file

ASSETS = ("app.css", "app.js", "plotly.css", "plotly.min.js", "plotly.LICENSE")
# Nothing may be fetched but this folder's own script, style and pictures; no form, no frame, no inline script or style.
SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
)
# Plotly adds a <style> of its own (for maps, which no page has) unless an element with this id is there; the policy
# would refuse it and the browser would report that.
STYLE_IDS = ("9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53",)


def environment(project_root: Path | None) -> Environment:
    """Jinja with autoescape on; the project's own `dashboards/templates/*.html.j2` win file by file."""

    def load(name: str) -> str:
        try:
            return find_file(project_root, f"dashboards/templates/{name}").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise TemplateNotFound(name) from None

    made = Environment(
        loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["in_script"] = in_script
    made.globals.update(security=SECURITY, style_ids=STYLE_IDS)
    return made


def in_script(data: str) -> Markup:
    """JSON that can stand inside <script>: no `<`, `>` or `&` is left, so no name in it can end the script."""
    escapes: dict[str, str | int | None] = {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
    return Markup(data.translate(str.maketrans(escapes)))  # noqa: S704


def write_page(made: Environment, template: str, target: Path, words: Words, **values: Any) -> Path:
    """Fill a template and write the page."""
    write_text(target, made.get_template(template).render(t=words, lang=words.language, **values))
    return target


def write_assets(folder: Path, theme: dict[str, Any], project_root: Path | None) -> None:
    """Lay out the assets once; the theme's colours become a stylesheet of variables."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ASSETS:
        shutil.copyfile(find_file(project_root, f"dashboards/assets/{name}"), folder / name)
    write_text(folder / "theme.css", theme_css(theme))


def share_assets(folder: Path, other: Path) -> None:
    """Give another folder the same assets; hard links where the disk allows, since the bundle is over a megabyte."""
    for path in sorted(folder.iterdir()):
        link_or_copy(path, other / path.name)


def theme_css(theme: dict[str, Any]) -> str:
    """The theme as CSS variables: --accent, --answer-0, ..."""
    lines = [f"--font: {theme['font']};"]
    lines += [f"--{key.removeprefix('colour.').replace('_', '-')}: {value};"
              for key, value in theme.items() if key.startswith("colour.")]  # fmt: skip
    lines += [f"--answer-{i}: {fill};" for i, fill in enumerate(theme["answers.fill"])]
    return ":root {\n  " + "\n  ".join(lines) + "\n}\n"
