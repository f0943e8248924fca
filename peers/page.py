from pathlib import Path

JSON = Path(__file__).parents[1] / "docs" / "peers.json"
PAGE = JSON.with_suffix(".md")


def write_page(found):
    return ""
