"""What photos came to, and how many came to what."""

import math
from collections import Counter

from sr_models.jobs.manifest import Row

KINDS = ("failed", "REVIEW", "done", "PASS", "skipped")
"""What a photo comes to, what to look at first."""


def kind_of(row: Row) -> str:
    """“failed”, “REVIEW”, “PASS”, “skipped”, or “done” where no network ran."""
    return (row.verdict or "done") if row.status == "done" else row.status


def urgency(row: Row) -> int:
    """The place of a row among others: what to look at first has the smallest."""
    return KINDS.index(kind_of(row))


class Tally:
    """How many photos came to what, so far."""

    def __init__(self):
        self.kinds: Counter[str] = Counter()
        self.pixels = 0
        """Of the photos, before they were enlarged."""

    def add(self, row: Row) -> None:
        self.kinds[kind_of(row)] += 1
        self.pixels += math.prod(row.photo or (0,))

    def __str__(self) -> str:
        """Such as “2 failed, 1 REVIEW, 97 PASS”."""
        return ", ".join(f"{self.kinds[kind]} {kind}" for kind in KINDS if self.kinds[kind]) or "0 photos"
