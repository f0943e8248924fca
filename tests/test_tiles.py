import numpy as np
import pytest

from sr_models.tiles import THIN, spans, tiles


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


def test_what_a_tile_delivers_is_found_again_in_what_was_made_of_it_and_in_the_whole():
    second = list(spans(64, 32, 5))[1]
    row = np.arange(64)
    assert second.source == slice(26, 64)
    assert (row[second.source][second.inner()] == row[second.outer()]).all()
    assert (row.repeat(3)[second.outer(3)] == row[second.source].repeat(3)[second.inner(3)]).all()
    assert list(row[second.outer()]) == list(range(32, 64))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (32, 32), (33, 40), (20, 500), (500, 20), (100, 130)])
@pytest.mark.parametrize("halo", [0, 3, 50])
def test_tiles_cover_a_picture_once_read_no_more_than_a_square_one_and_no_more_than_squares_do_in_all(height, width, halo):
    found, most = tiles(height, width, 32, halo), (32 + 2 * halo + 1) ** 2
    covered = [(y, x) for rows, columns in found for y in range(rows.start, rows.stop) for x in range(columns.start, columns.stop)]
    assert sorted(covered) == [(y, x) for y in range(height) for x in range(width)]
    assert all(max(THIN, rows.read) * max(THIN, columns.read) <= most for rows, columns in found)
    squares = [sum(span.read for span in spans(length, 32, halo)) for length in (height, width)]
    assert sum(rows.read * columns.read for rows, columns in found) <= squares[0] * squares[1]


def test_a_line_of_pixels_is_cut_where_networks_that_pad_it_need_the_memory_of_a_square():
    assert 150_000 < (384 + 2 * 5 + 1) ** 2
    assert max(columns.read for _, columns in tiles(1, 150_000, 384, 5)) * THIN <= (384 + 2 * 5 + 1) ** 2


@pytest.mark.parametrize(("height", "width", "count"), [(43, 42, 1), (32, 57, 1), (43, 46, 2)])
def test_a_picture_that_is_no_more_than_a_tile_reads_is_one_tile(height, width, count):
    assert len(tiles(height, width, 32, 5)) == count
