"""Colour tables in .cube files (Adobe, Cube LUT Specification 1.0, 2013), as photo and video programs exchange them."""

import math

import numpy as np

LARGEST = 65
"""Nodes along a side: more than that no program writes for a picture."""


class CubeError(ValueError):
    """The text is no .cube file with a table of three dimensions over the range 0 to 1; says why."""


def parse_cube(text: str) -> np.ndarray:
    """→ float64 (N, N, N, 3): by level of red, green and blue, the R, G and B that it becomes, 0 to 1. Raises CubeError."""
    count, rows = 0, []
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words or words[0] == "TITLE":
            continue
        match words[0]:
            case "LUT_3D_SIZE":
                count = read_count(words)
            case "LUT_1D_SIZE":
                raise CubeError("it holds curves, no table of three dimensions")
            case "DOMAIN_MIN" | "DOMAIN_MAX" | "LUT_3D_INPUT_RANGE":
                if read_numbers(words[1:]) != {"DOMAIN_MIN": [0] * 3, "DOMAIN_MAX": [1] * 3}.get(words[0], [0, 1]):
                    raise CubeError("it is not for levels from 0 to 1")
            case _:
                rows.append(read_numbers(words))
    if not count:
        raise CubeError("LUT_3D_SIZE is missing")
    if len(rows) != count**3 or any(len(row) != 3 for row in rows):
        raise CubeError(f"{count**3} lines of three numbers are expected")
    return np.array(rows).reshape(count, count, count, 3).transpose(2, 1, 0, 3)  # red runs fastest in the file


def read_count(words: list[str]) -> int:
    if len(words) != 2 or not words[1].isdecimal() or not words[1].isascii() or not 2 <= int(words[1][:4]) <= LARGEST:
        raise CubeError(f"LUT_3D_SIZE is to be 2 to {LARGEST}")
    return int(words[1])


def read_numbers(words: list[str]) -> list[float]:
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = [math.nan]
    if not all(map(math.isfinite, numbers)):
        raise CubeError(f"“{' '.join(words)[:40]}” is not expected there")
    return numbers


def format_cube(table: np.ndarray, title: str) -> str:
    """A table as `parse_cube` gives it → the text of a file."""
    rows = table.transpose(2, 1, 0, 3).reshape(-1, 3)
    lines = "\n".join("{:.6f} {:.6f} {:.6f}".format(*row) for row in rows)
    return f'TITLE "{title}"\nLUT_3D_SIZE {len(table)}\n{lines}\n'
