"""SPSS files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat

from connectedness.ingest.cells import Choose, Export, column_text
from connectedness.ingest.wrong_file import header_only, read_as


def read_sav(path: Path, file: str, choose: Choose) -> Export:
    """Read the chosen variables of an SPSS file.

    Codes come as the numbers stored, not as their labels. Values declared as user-missing keep their codes: read as
    empty cells, "not asked" and "did not answer" would be one.

    Raises
    ------
    ContractError
        When it is not an SPSS file, or has no rows.
    """
    with read_as("an SPSS file (.sav)", path, file):
        _, meta = pyreadstat.read_sav(path, metadataonly=True)
        found = choose(meta.column_names)
        stored = {name: meta.column_names[place] for name, place in found.items()}
        frame, meta = pyreadstat.read_sav(path, user_missing=True, usecols=sorted(set(stored.values())) or None)
    if frame.empty:
        raise header_only(file)
    cells = {name: column_text(frame[variable]) for name, variable in stored.items()}
    return Export.whole(pd.DataFrame(cells, index=pd.RangeIndex(len(frame))))
