"""What Pillow does not say of a JPEG that it does not read: with how many bits it holds its channels."""

FRAMES = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
"""Markers whose segment begins with it (ITU-T T.81, table B.1)."""


def find_precision(data: bytes) -> int | None:
    """Bits a channel; None where the file does not come to that, or is no JPEG."""
    place = 2
    while data[:2] == b"\xff\xd8" and data[place : place + 1] == b"\xff" and place + 4 < len(data):
        marker = data[place + 1]
        if marker in FRAMES:
            return data[place + 4]
        place += 1 if marker == 0xFF else 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return None
