"""The confidence of an interval, as it is asked for."""

from __future__ import annotations

from numbers import Real

from connectedness.errors import DeclarationError


def must_be_level(level: float) -> None:
    """Refuse a confidence that no interval can have.

    Raises
    ------
    DeclarationError
        When it does not lie between 0 and 1.
    """
    if not isinstance(level, Real) or isinstance(level, bool) or not 0 < level < 1:
        raise DeclarationError(
            "an interval cannot have this confidence.",
            key="level",
            found=str(level),
            allowed="between 0 and 1, as in 0.95",
        )
