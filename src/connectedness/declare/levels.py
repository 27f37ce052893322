"""Values of a group that some declaration writes, so that they cannot be a person's name that strayed into a column."""

from __future__ import annotations

from connectedness.declare.project import Project

# What a OneRoster file's own groups are told as.
_ONEROSTER = {
    "sex": {"female", "male", "other"},
    "race": {
        *("american_indian_alaska_native", "asian", "black", "hispanic", "pacific_islander", "two_or_more", "white"),
    },
}


def declared_values(project: Project, wave_id: str, name: str) -> set[str]:
    """Values of a unit or breakdown that the survey, or a column map of the wave, writes.

    Parameters
    ----------
    project : Project
    wave_id : str
    name : str
        Id of a unit or breakdown.
    """
    columns, roster = project.column_map(wave_id).columns, project.survey.roster
    column = columns.school if name == "school" else columns.others.get(name)
    found = {*(project.survey.levels_of(name) or ()), *(column.values.values() if column else ())}
    if roster is None:
        return found
    if roster.groups and name in roster.groups.columns:
        found |= set(roster.groups.columns[name].values.values())
    if roster.format == "oneroster" and name not in roster.columns:
        found |= _ONEROSTER.get(name, set())
    return found
