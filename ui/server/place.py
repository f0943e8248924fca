"""The one place at the processor or GPU, which all runs share: they wait for it in one queue, and catalogues in another.

A catalogue has the place for one photo at a time, and asks for it anew for the next: so a run waits for a photo, not for a catalogue.
"""

from typing import Any

AT_WORK = "inference"
"""What gradio calls the place."""
PLACE: dict[str, Any] = {"concurrency_id": AT_WORK, "concurrency_limit": 1}
"""Of each event that runs a network."""
CATALOGUES = "catalogues"
"""What gradio calls the places of catalogues."""
MOST_CATALOGUES = 3
"""Under way at a time: so many photos are before a run at most."""
PLACE_OF_CATALOGUES: dict[str, Any] = {"concurrency_id": CATALOGUES, "concurrency_limit": MOST_CATALOGUES}
"""Of each event that makes a catalogue."""
RUNNING = (AT_WORK, CATALOGUES)
"""The queues of all that computes."""
