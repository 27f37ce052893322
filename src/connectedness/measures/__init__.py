"""Estimates of groups: one number per unit, breakdown level and measure, with its uncertainty. Nothing is hidden here.

`estimate_wave` makes the estimates, `unit_tree` says which unit lies in which, `respondents_groups` where each
respondent stands.
"""

from connectedness.measures.estimate import estimate_wave
from connectedness.measures.placement import respondents_groups, unit_tree

__all__ = ["estimate_wave", "respondents_groups", "unit_tree"]
