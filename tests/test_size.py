from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import pytest
from conftest import made_up
from PIL import Image

from sr_models import MAX_OUTPUT_PIXELS, Cancelled, ModelError, Order, PhotoError, upscale
from sr_models.catalog import SCALES, find
from sr_models.photo import Photo
from sr_models.stages.fit import fit
from sr_models.stages.passes import GUESSED, choose_factors, enlarge
from sr_models.stages.size import HOWS, MAX_FACTOR, Aim, TargetSize, cut_window, long_side, parse_size, times

WISHES = [(800, 800), (1, 1), (1600, 1200), (37, 900), (100, 7)]


@dataclass
class Sized:
    """What the stages between the classic steps make of a photo."""

    photo: Photo
    source: Photo
    master: Photo
    scale: int
    passes: tuple
    promise_holds: bool


def enlarged_to(
    photo: Photo, target: TargetSize, protect=None, progress=lambda done, total: None, cancelled=lambda: False, **wishes
) -> Sized:
    to = Aim(photo, target)
    enlarged = enlarge(photo, to.content, Order(**wishes), protect=protect, progress=progress, cancelled=cancelled)
    fitted = fit(enlarged, to)
    return Sized(fitted.picture, photo, enlarged.master, enlarged.scale, enlarged.passes, not fitted.changed)


def way(size: tuple[int, int], target: TargetSize, model: str = "cnn") -> tuple[int, ...]:
    return choose_factors(size, target.content(size), model)


SIZES = [(1, 1), (1, 900), (33, 20), (500, 375), (640, 640), (799, 1200)]


@pytest.mark.parametrize("size", SIZES)
def test_fit_fits_in_fill_covers_and_both_keep_the_shape_to_a_pixel(size):
    for width, height in WISHES:
        for how in HOWS:
            wide, high = TargetSize(width, height, how).content(size)
            factor = (max if how == "fill" else min)(width / size[0], height / size[1])
            assert wide == pytest.approx(max(1, size[0] * factor), abs=0.5001)
            assert high == pytest.approx(max(1, size[1] * factor), abs=0.5001)
            if how == "fill":
                assert wide >= width
                assert high >= height
            else:
                assert wide <= width
                assert high <= height
            assert width in (wide, 1) or high == height


@pytest.mark.parametrize("size", SIZES)
def test_the_smallest_factors_that_suffice_are_taken(size):
    for width, height in WISHES:
        for how in HOWS:
            wish = TargetSize(width, height, how)
            wide, high = wish.content(size)
            if max(wide / size[0], high / size[1]) > MAX_FACTOR:
                with pytest.raises(PhotoError, match=f"up to {MAX_FACTOR} times"):
                    way(size, wish)
                continue
            made = prod(way(size, wish))
            assert wide <= size[0] * made
            assert high <= size[1] * made
            for smaller in {1, *SCALES, *(a * b for a in SCALES for b in SCALES)}:
                assert smaller >= made or wide > size[0] * smaller or high > size[1] * smaller


def test_factors_for_sizes_that_are_asked_for_often():
    assert way((800, 600), long_side(800)) == ()
    assert way((800, 600), long_side(500)) == ()
    assert way((800, 600), long_side(801)) == (2,)
    assert way((800, 600), long_side(1600)) == (2,)
    assert way((800, 600), long_side(3200)) == (4,)
    assert way((800, 600), long_side(3201)) == (2, 3)
    assert way((100, 100), long_side(1600)) == (4, 4)
    assert way((800, 600), TargetSize(1600, 1600, "pad")) == (2,)
    assert way((800, 600), TargetSize(1600, 1600, "fill")) == (3,)


def test_a_model_of_one_scale_gets_a_second_pass_where_it_does_not_suffice():
    assert way((100, 100), long_side(150), "realesrgan-x4plus") == (4,)
    assert way((100, 100), long_side(350), "nomos-uni-span-x2") == (2, 2)
    result = enlarged_to(Photo(made_up(10, 12)), long_side(40), model="bicubic-x2", faithful="off")
    assert [made.entry.id for made in result.passes] == ["bicubic-x2", "bicubic-x2"]
    assert result.photo.size == (40, 33)


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("asked", [(64, 64), (65, 31), (19, 90), (7, 8), (33, 24)])
def test_the_result_has_exactly_the_size_asked_for(asked: tuple[int, int], how: str):
    photo = Photo(made_up(16, 22), made_up(16, 22, 1)[:, :, 0])
    result = enlarged_to(photo, TargetSize(*asked, how), model="bicubic")
    width, height = result.photo.size
    assert result.photo.alpha is not None
    assert result.photo.alpha.shape == (height, width)
    assert result.master.size == (22 * result.scale, 16 * result.scale)
    if how == "fit":
        assert width == asked[0] or height == asked[1]
        assert width <= asked[0]
        assert height <= asked[1]
    else:
        assert (width, height) == asked


def test_any_factor_gives_each_side_rounded():
    for factor in (0.5, 1, 1.37, 2.5, 3.2, 4, 5.9, 16):
        photo = Photo(made_up(13, 17))
        result = enlarged_to(photo, times(photo.size, factor), model="bicubic", faithful="off")
        assert result.photo.size == (int(17 * factor + 0.5), int(13 * factor + 0.5))


@pytest.mark.parametrize("model", ["cnn", "gan"])
def test_a_size_that_a_network_makes_by_itself_is_its_own_result(model):
    photo = Photo(made_up(20, 24))
    result = enlarged_to(photo, long_side(72), model=model)
    assert result.promise_holds
    assert np.array_equal(result.photo.rgb, upscale(photo, scale=3, model=model).photo.rgb)


def test_a_small_enough_size_needs_no_network():
    photo = Photo(made_up(20, 24))
    result = enlarged_to(photo, long_side(12), model="gan", faithful="exact")
    assert (result.passes, result.scale, result.promise_holds) == ((), 1, False)
    assert result.master is photo
    assert enlarged_to(photo, long_side(24)).photo is photo


def test_exact_holds_for_the_master_and_the_result_says_whether_for_itself():
    photo = Photo(made_up(12, 18))
    sized = enlarged_to(photo, long_side(47), model="gan", faithful="exact")
    assert not sized.promise_holds
    assert np.array_equal(np.asarray(Image.fromarray(sized.master.rgb).reduce(3)), photo.rgb)
    assert sized.photo.size == (47, 31)


@pytest.mark.parametrize("pixels", [108, 144])
def test_two_passes_keep_the_promise_to_the_photo_itself(pixels):
    alpha = np.full((12, 18), 255, np.uint8)
    alpha[:4, :4] = 0
    photo = Photo(made_up(12, 18), alpha)
    sized = enlarged_to(photo, long_side(pixels), model="gan", faithful="exact")
    assert len(sized.passes) == 2
    assert sized.promise_holds
    assert sized.photo.alpha is not None
    for made, original in ((sized.photo.rgb, photo.rgb), (sized.photo.alpha, alpha)):
        assert np.array_equal(np.asarray(Image.fromarray(made).reduce(sized.scale)), original)
    colour = enlarged_to(photo, long_side(pixels), model="cnn").photo.rgb
    again = np.asarray(Image.fromarray(colour).reduce(sized.scale)).astype(int)
    assert np.abs(again - photo.rgb)[alpha > 0].max() <= 1


def test_padding_is_of_the_colour_asked_for_and_transparent_around_a_transparent_photo():
    grey = Photo(np.full((10, 20, 3), 50, np.uint8))
    result = enlarged_to(grey, TargetSize(40, 40, "pad", (250, 240, 10)), model="bicubic").photo
    assert (result.rgb[:10] == (250, 240, 10)).all()
    assert (result.rgb[30:] == (250, 240, 10)).all()
    assert (result.rgb[10:30] == 50).all()
    clear = enlarged_to(Photo(grey.rgb, np.full((10, 20), 255, np.uint8)), TargetSize(40, 40, "pad"), model="bicubic").photo
    assert (clear.alpha[:10] == 0).all()
    assert (clear.alpha[10:30] == 255).all()


def test_fill_cuts_off_alike_on_both_sides():
    rgb = np.zeros((10, 30, 3), np.uint8)
    rgb[:, 10:20] = 255
    result = enlarged_to(Photo(rgb), TargetSize(10, 10, "fill")).photo
    assert (result.rgb == 255).all()


def test_a_window_beyond_the_photo_is_filled_up():
    photo = Photo(made_up(6, 8))
    part = cut_window(photo, (-2, 1, 5, 9), (1, 2, 3))
    assert np.array_equal(part.rgb[:5, 2:], photo.rgb[1:6, :5])
    assert (part.rgb[5:] == (1, 2, 3)).all()
    assert (part.rgb[:, :2] == (1, 2, 3)).all()
    elsewhere = cut_window(photo, (20, 20, 25, 24), (1, 2, 3))
    assert elsewhere.size == (5, 4)
    assert (elsewhere.rgb == (1, 2, 3)).all()


def test_protected_places_reach_the_second_pass_in_its_pixels(monkeypatch):
    protect = np.random.default_rng(0).random((12, 18)) < 0.5
    seen = []

    def watched(photo: Photo, others: Sequence[Photo], **options):
        seen.append((options["protect"], options["input"], options["scale"]))
        return upscale(photo, others, **options)

    monkeypatch.setattr("sr_models.stages.passes.upscale", watched)
    enlarged_to(Photo(made_up(12, 18)), long_side(100), model="bicubic", input="web", protect=protect)
    (first, web, scale), (second, clean, _) = seen
    assert (web, clean) == ("web", "clean")
    assert np.array_equal(first, protect)
    assert np.array_equal(second, protect.repeat(scale, 0).repeat(scale, 1))


def test_progress_goes_on_from_pass_to_pass_and_ends_at_the_whole():
    seen = []
    enlarged_to(Photo(made_up(12, 18)), long_side(90), model="cnn", progress=lambda done, total: seen.append(done / total))
    assert len(seen) >= 2
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert seen[0] < 0.5


@pytest.mark.parametrize(("model", "second"), [("gan", "cnn"), ("cnn-fast", "cnn-fast"), ("bicubic", "bicubic")])
def test_the_second_pass_is_the_same_familys_but_after_the_gan_the_cnns(model, second):
    photo = Photo(made_up(9, 11))
    result = enlarged_to(photo, long_side(11 * 6), model=model, detail=0.5 if model == "gan" else None)
    assert [one.entry.family for one in result.passes] == [model, second]
    assert [one.detail for one in result.passes] == [0.5 if model == "gan" else None, None]
    assert result.master.made is not None
    assert result.master.made.model == result.passes[0].entry.id


@pytest.mark.parametrize(("times", "said"), [(4, False), (6, True)])
def test_more_than_four_times_in_two_passes_is_said_to_be_guessed(times, said):
    photo = Photo(made_up(9, 11))
    enlarged = enlarge(photo, (11 * times, 9 * times), Order(model="bicubic"))
    assert [note.sentence for note in enlarged.notes] == [GUESSED] * said
    assert all(note.values == {"factor": times} for note in enlarged.notes)


def test_two_passes_to_four_times_by_a_model_of_one_scale_are_no_guess():
    photo = Photo(made_up(9, 11))
    enlarged = enlarge(photo, (44, 36), Order(model=find("cnn-fast", 2).id))
    assert len(enlarged.passes) == 2
    assert enlarged.notes == ()


def test_it_stops_before_the_second_pass_too():
    asked = []

    def cancelled() -> bool:
        asked.append(None)
        return len(asked) > 1

    with pytest.raises(Cancelled):
        enlarged_to(Photo(made_up(12, 18)), long_side(90), model="bicubic", cancelled=cancelled)
    assert len(asked) == 2


@pytest.mark.parametrize("text", ["1600x1200", " 1600 × 1200 ", "1600X1200", "1600*1200"])
def test_sizes_are_read_as_people_write_them(text):
    assert parse_size(text, "pad") == TargetSize(1600, 1200, "pad")


@pytest.mark.parametrize("text", ["", "1600", "x", "1600x", "-5x10", "1600x12.5", "1600x1200x3", "٣x٤", "9999999x1"])
def test_what_is_no_size_is_refused_in_words(text):
    with pytest.raises(PhotoError, match=r"is no size. Give width and height in pixels, such as 1600x1200"):
        parse_size(text)


def test_sizes_that_cannot_be_made_are_refused_in_words():
    with pytest.raises(PhotoError, match="0 × 10 pixels is not possible"):
        parse_size("0x10")
    with pytest.raises(PhotoError, match=r"“stretch” is no way.*fit, fill or pad"):
        parse_size("10x10", "stretch")
    with pytest.raises(PhotoError, match="megapixels are"):
        parse_size("20000x20000", "pad")
    for factor in (0, -1, 17, float("nan")):
        with pytest.raises(PhotoError, match="times is not offered"):
            times((10, 10), factor)
    with pytest.raises(PhotoError, match="18 times as large; up to 16 times"):
        enlarged_to(Photo(made_up(10, 10)), long_side(171))
    with pytest.raises(ModelError, match="There is no model “magic”"):
        enlarged_to(Photo(made_up(10, 10)), long_side(20), model="magic")


def test_a_master_that_would_be_too_large_is_refused_before_any_work():
    side = 100 + int((MAX_OUTPUT_PIXELS / 16) ** 0.5)
    photo = Photo(np.broadcast_to(np.uint8(9), (side, side, 3)))  # one byte of memory
    with pytest.raises(PhotoError, match=f"{4 * side} × {4 * side} pixels would have to be made"):
        enlarged_to(photo, long_side(3 * side + 1), progress=lambda done, total: pytest.fail("it began"))
