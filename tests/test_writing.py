"""Writing stays legible: labels are read by Tesseract after the GAN at full detail as well as after the CNN."""

from statistics import fmean

import pytest

import sr_models
from sr_models.training.labels import LATIN, TESSERACT, draw_labels, error_rate

pytestmark = pytest.mark.skipif(TESSERACT is None, reason="Tesseract (Debian: tesseract-ocr) is not installed")


def test_the_gan_at_full_detail_leaves_labels_as_legible_as_the_cnn():
    """Half of the labels, each size and pair of colours in each font."""
    photos = [photo for i, photo in enumerate(draw_labels()) if (i // 4 + i // 2 + i) % 2 == 0]

    def wrong(**chosen) -> float:
        return fmean(error_rate(sr_models.upscale(photo, scale=4, **chosen).photo) for photo in photos)

    cnn, gan = wrong(model="cnn", input="web"), wrong(model="gan", detail=1.0)
    assert gan <= cnn
    assert cnn < 0.2


def test_the_reading_notices_what_is_illegible():
    photo = next(draw_labels(LATIN._replace(sizes=(36,))))
    tiny = sr_models.resized(sr_models.resized(photo, (photo.size[0] // 3, photo.size[1] // 3)), photo.size)
    assert error_rate(tiny) > 0.5
