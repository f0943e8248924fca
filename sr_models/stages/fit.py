"""Brings a photo into the size that was asked for: `aim` plans it before the enlargement, `fit` carries it out afterwards."""

from dataclasses import replace

from sr_models.photo import Note, Photo
from sr_models.shop.marketplace import plan_canvas
from sr_models.stages import Done
from sr_models.stages.passes import Enlarged
from sr_models.stages.resampling import resample_photo
from sr_models.stages.size import Aim, times
from sr_models.wishes import Order

RESIZED = (
    "The enlargement of {before} pixels was brought to {after}. The figures are those of the enlargement: "
    "the file itself, reduced, no longer gives the photo back."
)
NOT_ENLARGED = "The photo was large enough: it was not enlarged, and there is nothing to report."


def aim(photo: Photo, order: Order) -> Aim:
    """What of the photo is to be enlarged, and into which size, as the order says. Raises PhotoError."""
    if order.marketplace:
        return plan_canvas(photo, order.marketplace, order.snap)
    return Aim(photo, order.target or times(photo.size, order.scale))


def fit(enlarged: Enlarged, to: Aim) -> Done:
    """The stage after the network: the enlargement is reduced, then cut, padded or laid on a marketplace's canvas."""
    picture = to.lay(resample_photo(enlarged.master, to.content))
    before, after = ("{} × {}".format(*size) for size in (enlarged.master.size, picture.size))
    done = Done.of(enlarged.master, picture, Note(RESIZED, {"before": before, "after": after}))
    return done if enlarged.passes else replace(done, notes=(Note(NOT_ENLARGED),))
