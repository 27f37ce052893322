"""How heavy the pages are: the largest page of each site, without what all pages share."""

from __future__ import annotations

import sys
from pathlib import Path

from figures import Figure, table


def measure(site: Path) -> list[Figure]:
    """Weigh the pages under `site`."""
    figures = []
    for part in sorted(path for path in site.iterdir() if path.is_dir()):
        pages = [page.stat().st_size for page in part.rglob("*.html")]
        if pages:
            figures.append(Figure(f"pages, {part.name}: largest of {len(pages)}", max(pages) / 1024, "KB", 200))
    scripts = [(file.stat().st_size, file.name) for file in site.rglob("*.js")]
    if scripts:
        size, name = max(scripts)
        figures.append(Figure(f"pages, shared by all: {name}", size / 1024, "KB"))
    return figures


if __name__ == "__main__":
    print(table(measure(Path(sys.argv[1]))))
