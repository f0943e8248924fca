import numpy as np
import pytest
import torch
from conftest import shared

from sr_models.figures.evaluate import crop_to_multiple, find_partner, shrink_as_matlab
from sr_models.figures.matlab import shrink
from sr_models.folders import photo_files
from sr_models.reading import read


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_the_official_small_photos_of_set5_come_out_without_one_differing_pixel(scale):
    originals = shared("benchmarks/Set5/HR")
    for file in photo_files(originals):
        official = read(find_partner(file, originals.parent / f"LRbicx{scale}")).rgb
        assert np.array_equal(shrink_as_matlab(crop_to_multiple(read(file).rgb, scale), scale), official)


def test_a_constant_picture_stays_constant():
    assert (shrink(torch.full((3, 12, 18), 77.0), 3) == 77).all()


def test_a_length_that_is_no_multiple_is_refused():
    with pytest.raises(ValueError, match="no multiple"):
        shrink(torch.zeros(3, 10, 9), 3)
