"""A synthetic district with planted truth and planted defects, to learn on, to test with and to measure by."""

from connectedness.synth.district import make_district

__all__ = ["make_district"]
