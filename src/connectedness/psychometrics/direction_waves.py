"""Fourth check of direction: does the wave look like the last one, or like its mirror image?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, wasserstein_distance

from connectedness.psychometrics.direction_finding import CONFIDENCE, FEWEST, Finding, Verdict

Floats = NDArray[np.float64]
_LARGE = 0.5


def check_last_wave(scale: str, scores: Floats, previous: Floats | None, low: float, high: float) -> Finding:
    """Compare the scores of a scale in the whole district with those of the wave before.

    `statistic` is the shift of the mean in standard deviations, (m1 - m0) / sqrt((s1^2 + s0^2) / 2), with the 99%
    limits of the difference of two means over that same deviation.
    """
    now = scores[np.isfinite(scores)]
    if previous is None:
        return _finding(scale, "not_checked", "no_previous", "there is no earlier wave to hold it against.", len(now))
    before = previous[np.isfinite(previous)]
    if min(len(now), len(before)) < FEWEST:
        words = f"this wave has {len(now)} scores and the last one {len(before)}; at least {FEWEST} each are needed."
        return _finding(scale, "not_checked", "too_few", words, len(now))
    sd = math.sqrt((now.var(ddof=1) + before.var(ddof=1)) / 2)
    if sd == 0:
        return _finding(scale, "not_checked", "constant", "everybody has the same score in both waves.", len(now))
    shift, reach = float(now.mean() - before.mean()) / sd, _reach(now, before) / sd
    limits = (shift, shift - reach, shift + reach)
    if abs(shift) > 1:
        way = "up" if shift > 0 else "down"
        words = (
            f"the district's mean moved {way} by {abs(shift):.1f} standard deviations since the last wave, from "
            f"{before.mean():.2f} to {now.mean():.2f}. Likely cause: the codes of the file run the other way, or the "
            "question or its options were changed."
        )
        return _finding(scale, "stop", "mean_shift", words, len(now), *limits)
    if is_mirrored(now, before, low, high):
        words = (
            "the scores look like the last wave's in a mirror. Likely cause: the codes of the file run the other way, "
            "or reversal was done before the file was made."
        )
        return _finding(scale, "stop", "mirrored", words, len(now), *limits)
    words = f"the district's mean moved by {shift:+.2f} standard deviations since the last wave."
    return _finding(scale, "ok", "like_last_wave", words, len(now), *limits)


def is_mirrored(now: Floats, before: Floats, low: float, high: float) -> bool:
    """Whether scores on [low, high] are the mirror image of earlier ones rather than these, raised or lowered.

    Three things at once: both means differ from the middle of the range at 99%, on opposite sides; the distance to
    the mirror image is less than half the distance to the earlier scores; and either the mean moved by half a
    standard deviation or more, or the distance to the mirror image is also less than half the distance to the
    earlier scores moved to the new mean (a real fall across the middle has the mean of a mirror image, but not its
    skew). Distance is the area between two cumulative distributions (Wasserstein).
    """
    middle = (low + high) / 2
    sides = [_side(one, middle) for one in (now, before)]
    if 0 in sides or sides[0] == sides[1]:
        return False
    to_mirror = wasserstein_distance(now, low + high - before)
    if to_mirror >= wasserstein_distance(now, before) / 2:
        return False
    shift = now.mean() - before.mean()
    if abs(shift) >= _LARGE * math.sqrt((now.var(ddof=1) + before.var(ddof=1)) / 2):
        return True
    return bool(to_mirror < wasserstein_distance(now, before + shift) / 2)


def _side(scores: Floats, middle: float) -> int:
    reach = float(norm.ppf(0.5 + CONFIDENCE / 2)) * scores.std(ddof=1) / math.sqrt(len(scores))
    gap = float(scores.mean()) - middle
    return 0 if abs(gap) <= reach else int(math.copysign(1, gap))


def _reach(now: Floats, before: Floats) -> float:
    error = math.sqrt(now.var(ddof=1) / len(now) + before.var(ddof=1) / len(before))
    return float(norm.ppf(0.5 + CONFIDENCE / 2)) * error


def _finding(
    scale: str,
    verdict: Verdict,
    cause: str,
    words: str,
    n: int,
    statistic: float | None = None,
    low: float | None = None,
    high: float | None = None,
) -> Finding:
    sentence = f"{scale}: {words}"
    return Finding("last_wave", scale, None, verdict, cause, sentence, statistic, low, high, n, "previous")
