import pytest

from sr_models.tiles import spans


@pytest.mark.parametrize("length", [1, 2, 31, 32, 33, 64, 100, 1000])
@pytest.mark.parametrize("tile", [1, 7, 32, 2000])
@pytest.mark.parametrize("halo", [0, 3, 50])
def test_every_pixel_belongs_to_exactly_one_tile(length, tile, halo):
    delivered = [pixel for span in spans(length, tile, halo) for pixel in range(span.start, span.stop)]
    assert delivered == list(range(length))


@pytest.mark.parametrize("length", [1, 33, 100])
@pytest.mark.parametrize("halo", [0, 3, 50])
def test_a_tile_reads_its_halo_as_far_as_the_photo_goes(length, halo):
    for span in spans(length, 32, halo):
        assert max(0, span.start - halo - 1) <= span.first <= max(0, span.start - halo)
        assert span.first % 2 == 0
        assert span.last == min(length, span.stop + halo)
        assert span.stop - span.start <= 32


def test_inner_is_counted_from_what_was_read():
    second = list(spans(64, 32, 5))[1]
    assert (second.start, second.first) == (32, 26)
    assert second.inner == (6, 38)
