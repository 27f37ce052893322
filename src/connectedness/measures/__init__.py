"""Estimates of groups: one number per unit, breakdown level and measure, with its uncertainty. Nothing is hidden here.

`estimate_wave` makes the estimates, `unit_tree` says which unit lies in which.
"""

from connectedness.measures.estimate import estimate_wave
from connectedness.measures.placement import unit_tree

__all__ = ["estimate_wave", "unit_tree"]
