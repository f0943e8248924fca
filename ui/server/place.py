"""The one place at the processor or GPU, which all runs share: they wait for it in one queue."""

from typing import Any

AT_WORK = "inference"
"""What gradio calls the place."""
PLACE: dict[str, Any] = {"concurrency_id": AT_WORK, "concurrency_limit": 1}
"""Of each event that runs a network."""
