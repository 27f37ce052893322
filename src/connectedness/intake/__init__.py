"""The intake: what lands is looked at, routed to its wave, and put into the inbox or kept for a person.

A look takes a file that has stopped growing, fingerprints it, and puts it into its wave's inbox if the wave could read
it. What cannot be understood is set aside, and what comes late waits, each with a note beside it; the others go on.
"""

from __future__ import annotations

from connectedness.intake.accept import accept
from connectedness.intake.look import look
from connectedness.intake.record import kept_for_a_person
from connectedness.intake.round import Looked

__all__ = ["Looked", "accept", "kept_for_a_person", "look"]
