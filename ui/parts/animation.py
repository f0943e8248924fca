"""Before and after as a short GIF to send on: a line wipes over the most telling part of the picture, there and back."""

from pathlib import Path

import numpy as np
from PIL import Image

from sr_models import Photo
from sr_models.colour import convert_to_srgb
from sr_models.figures.quality import find_busiest

SIDE = 480
"""Pixels: the largest width and height. The whole of a result would have to be reduced to it, and nothing would be left to see."""
STEPS = 14
"""Frames from one side to the other."""
MOVING, BEFORE, AFTER = 60, 900, 1500
"""Milliseconds of a frame: while the line moves, and where one picture is seen alone."""
COLOURS = 255
"""How many colours the palette has for both pictures; the line has one more."""
LINE = bytes((99, 102, 241))


def save_animation(before: Photo, after: Photo, file: Path) -> None:
    """Write a GIF that shows two opaque pictures of the same size, `before` first, again and again."""
    top, left = find_busiest(after.rgb, SIDE)
    place = slice(top, top + SIDE), slice(left, left + SIDE)
    sheet = Image.fromarray(np.concatenate([convert_to_srgb(photo.part(*place)).rgb for photo in (before, after)], axis=1))
    sheet = sheet.quantize(palette=sheet.quantize(COLOURS), dither=Image.Dither.FLOYDSTEINBERG)
    palette = bytes(sheet.getpalette() or ()).ljust(3 * COLOURS, b"\0")[: 3 * COLOURS] + LINE
    first, second = np.split(np.asarray(sheet), 2, axis=1)
    width = first.shape[1]

    def draw(line: int) -> Image.Image:
        """`first` to the left of the line, `second` from it on."""
        pixels = np.where(np.arange(width) < line, first, second)
        if 0 < line < width:
            pixels[:, line - 1 : line + 1] = COLOURS
        frame = Image.fromarray(pixels)
        frame.putpalette(palette)
        return frame

    lines = sorted({round(width * step / STEPS) for step in range(STEPS + 1)})
    frames = [draw(line) for line in (*reversed(lines), *lines[1:-1])]
    moving = [MOVING] * (len(lines) - 2)
    frames[0].save(file, save_all=True, append_images=frames[1:], duration=[BEFORE, *moving, AFTER, *moving], loop=0, optimize=False)
