"""The enlargement of a photo for any size: one or two passes of a network, or none where it is large enough."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from sr_models import weights
from sr_models.catalog import SCALES
from sr_models.device import Device, choose
from sr_models.errors import PhotoError
from sr_models.photo import Note, Photo
from sr_models.run import Progress, Question
from sr_models.stages.align import Shots
from sr_models.stages.alpha import bleed_deep
from sr_models.stages.enlarge import Result, upscale
from sr_models.stages.faithful import make_faithful
from sr_models.stages.size import MAX_OUTPUT_PIXELS, Size, result_too_large
from sr_models.wishes import Order

GUESSED = (
    "Enlarged {factor} times, in two passes: most of what is seen close up is guessed, and faults of the photo grow with it. "
    "Take a larger photo, or a smaller size."
)
SECOND = {"gan": "cnn"}
"""Who makes the second pass, where that is not the same family: on its own output the GAN makes dots of what it drew before. Enlarged 8
times, five product photos as JPEG 90: twice the GAN 27.53 dB of PSNR on Y, edges .313, calm 1.59 (worst 5.7); GAN and CNN 27.66, .295,
1.31 (4.5)."""
FROM_ELSEWHERE = (weights.FROM_HUB, weights.FROM_HUB_AS_INT8, weights.INSTEAD)


@dataclass(frozen=True)
class Enlarged:
    """An enlargement, and how it came about."""

    source: Photo
    """What was enlarged."""
    master: Photo
    """What the last pass made: `scale` times the source, whole. The source itself where no network was needed."""
    passes: tuple[Result, ...]
    """One result for each pass, in order; none where the source was large enough."""
    notes: tuple[Note, ...] = ()
    """Where weights came from, if not from the program itself; and that most is guessed, where it is."""

    @property
    def scale(self) -> int:
        """How many times the master is as large as the source, 1 to 16."""
        return self.master.size[0] // self.source.size[0]

    @property
    def seconds(self) -> float:
        """Wall-clock time of all passes."""
        return sum(result.seconds for result in self.passes)

    @property
    def result(self) -> Result:
        """What all passes came to, where there was one at least: all but picture and time is that of the first."""
        return replace(self.passes[0], photo=self.master, seconds=self.seconds)

    @property
    def shots(self) -> Shots | None:
        """What came of the other shots, which go into the first pass; None where there were none, or nothing was enlarged."""
        return self.passes[0].shots if self.passes else None


def enlarge(
    photo: Photo,
    content: Size,
    order: Order,
    others: Sequence[Photo] = (),
    *,
    protect: np.ndarray | None = None,
    device: Device | None = None,
    progress: Progress = lambda done, total: None,
    cancelled: Question = lambda: False,
) -> Enlarged:
    """The photo enlarged as the order wishes, far enough for `content`; `protect` in pixels of the photo, and the rest as in `upscale`.

    A second pass is made by the same family, but for SECOND, and takes no other shots; the faithful mode binds what both have made to the
    photo itself. `progress` counts the tiles of both as if they were one pass. Raises what `upscale` raises, and PhotoError for a size out
    of reach.
    """
    way = choose_factors(photo.size, content, order.model)
    master, passes = photo, []
    whole = photo.size[0] * prod(way), photo.size[1] * prod(way)
    if whole[0] * whole[1] > MAX_OUTPUT_PIXELS:
        raise result_too_large(whole)
    device = device or choose()
    work = [prod(way[:number]) ** 2 for number in range(len(way))]
    for number, scale in enumerate(way):

        def show(done: int, total: int, number: int = number) -> None:
            progress(sum(work[:number]) * total + work[number] * done, sum(work) * total)

        again = number > 0
        family = passes[0].entry.family if again else ""
        follower = family if protect is not None else SECOND.get(family, family)  # protected places: the same, which draws nothing there
        result = upscale(
            replace(master, noise=0.0) if again else photo,
            () if again else others,
            scale=scale,
            model=follower if again else order.model,
            input="clean" if again else order.input,
            faithful=order.faithful,
            detail=order.detail if follower == family else None,
            steps=order.steps,
            protect=protect if protect is None or not again else protect.repeat(way[0], 0).repeat(way[0], 1),
            device=device,
            progress=show,
            cancelled=cancelled,
        )
        passes.append(result)
        master = replace(result.photo, made=passes[0].photo.made)
    if len(way) > 1:
        level = passes[0].faithful
        (rgb, alpha), (pixels, opacity) = master.pixels, photo.pixels
        make_faithful(rgb, pixels if level == "exact" else bleed_deep(photo), level, photo.quantisation)
        if level == "exact" and alpha is not None and opacity is not None:
            make_faithful(alpha[:, :, None], opacity[:, :, None], level)
        master = replace(master, rgb=rgb, alpha=alpha)
    origins = [weights.find_origin(entry) for result in passes for entry in result.networks]
    guessed = (Note(GUESSED, {"factor": prod(way)}),) if prod(way) > max(SCALES) else ()
    return Enlarged(photo, master, tuple(passes), (*(one for one in origins if one and one.sentence in FROM_ELSEWHERE), *guessed))


def choose_factors(size: Size, content: Size, model: str) -> tuple[int, ...]:
    """The smallest factors by which passes of a model make a photo of `size` at least as large as `content`: none, one, or two where one
    does not suffice.

    Of two factors the smaller comes first: a third of the time of the other order, for 0.06 dB of PSNR on Y less (6, 8 and 12 times, CNN,
    10 product photos). Raises PhotoError where two passes are not enough.
    """
    first = weights.scales(model)
    needed = max(-(-wanted // side) for wanted, side in zip(content, size, strict=True))
    if needed <= 1:
        return ()
    ways = [(a,) for a in first] + [(a, b) for a in first for b in SCALES]
    enough = [way for way in ways if prod(way) >= needed]
    if not enough:
        raise PhotoError(
            "The photo has {photo} pixels and would have to become {needed} times as large; up to {limit} times are made. "
            "Choose a smaller size or a larger photo.",
            photo="{} × {}".format(*size),
            needed=needed,
            limit=max(map(prod, ways)),
        )
    return min(enough, key=lambda way: (prod(way), len(way), way))
