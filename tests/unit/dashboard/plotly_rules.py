"""Read, out of the plotly bundle, the style rules and the style elements it would put into a page by itself."""

from __future__ import annotations

import re


def stylesheet_of(bundle: str) -> str:
    """The rules plotly adds one by one to its own <style>, as the text of `assets/plotly.css`."""
    table = re.search(r'\{("X,X div":.*?)\};for\(\w+ in \w+\)', bundle, re.DOTALL)
    if table is None:
        raise ValueError("the bundle no longer holds its rules where they were; look for addStyleRule in it")
    pairs = re.findall(r"""(?:"([^"]*)"|\b([XY]))\s*:\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", table.group(1))
    lines = ["/* Plotly's own rules, shipped as a file because the page's policy allows no inline style. */"]
    # Plotly inserts each rule before the last one, so in the page they stand in the opposite order.
    for quoted, bare, body in reversed(pairs):
        selector = re.sub(r"^,", " ,", quoted or bare)
        selector = selector.replace("X", ".js-plotly-plot .plotly").replace("Y", ".plotly-notifier")
        lines.append(f"{selector} {{ {body[1:-1].strip()} }}")
    return "\n".join(lines) + "\n"


def style_ids_of(bundle: str) -> list[str]:
    """Ids of further <style> elements the bundle adds unless an element with that id is there."""
    return re.findall(r'getElementById\("([0-9a-f]{40,})"\)\)\{var \w+=document\.createElement\("style"\)', bundle)
