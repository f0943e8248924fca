"""A look changes colours and nothing else: that no pixel moves, that greys stay in order, and what is promised and said."""

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from conftest import made_up, shared

import sr_models
from sr_models import Order, Photo, PhotoError, carry_out, photo_files, read, resized
from sr_models.__main__ import main
from sr_models.figures.quality import delta_e
from sr_models.formats.cube import LARGEST, CubeError, format_cube, parse_cube
from sr_models.profiles import decode_srgb, encode_srgb
from sr_models.reading import decode
from sr_models.shop.backdrop import find_backdrop
from sr_models.stages import is_same
from sr_models.stages.look import FADE, interpolate_changes, look, share_out, tabulate_whitening
from sr_models.stages.prepare import balance
from sr_models.stages.size import Aim, limit_longest_side, times
from sr_models.stages.tables import MOST, ColourTable, look_up, repaint_by_table, restrain, spread_nodes
from ui.parts import choices

PLAIN = Order(scale=2, model="bicubic", look="studio")


def wild(seed: int, count: int = 9) -> ColourTable:
    """A table that was made of noise far beyond what is allowed."""
    return restrain(np.random.default_rng(seed).normal(0, 60, (count, count, count, 3)))


def all_of(rgb: np.ndarray) -> np.ndarray:
    """Shares of 1."""
    return np.ones(rgb.shape[:2], np.float32)


def mug(side: int = 80) -> Photo:
    """A coloured product on a ground that a warm lamp lights unevenly."""
    y, x = np.mgrid[:side, :side]
    rgb = np.stack([242 - x / side, 236 - x / side - y / side, 222 - y / side], 2)
    rgb[20:60, 24:56] = made_up(40, 32) * 0.6 + 40
    return Photo(np.rint(rgb).astype(np.uint8))


def warm(strength: float, nodes: int = 5) -> str:
    """The text of a .cube file that takes blue away."""
    colours = spread_nodes(nodes) / 255
    colours[..., 2] *= 1 - strength
    return format_cube(colours, "warm")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("seed", range(4))
def test_equal_colours_become_equal_colours_wherever_they_are(seed, dtype):
    random = np.random.default_rng(seed)
    palette = random.integers(0, np.iinfo(dtype).max, (50, 3), dtype=dtype, endpoint=True)
    index = random.integers(0, 50, (300, 41))
    alone = repaint_by_table(palette[None], wild(seed), all_of(palette[None]))[0]
    assert np.array_equal(repaint_by_table(palette[index], wild(seed), all_of(palette[index])), alone[index])
    assert (alone != palette).any()


@pytest.mark.parametrize(("dtype", "count"), [(np.uint8, 256), (np.uint16, 65536)])
@pytest.mark.parametrize("seed", range(8))
def test_a_ramp_of_greys_stays_one_in_each_channel_and_ends_in_white(seed, dtype, count):
    ramp = np.repeat(np.arange(count, dtype=dtype)[None, :, None], 3, axis=2)
    result = repaint_by_table(ramp, wild(seed, 17), all_of(ramp))[0].astype(int)
    assert (np.diff(result, axis=0) >= 0).all()
    assert (result[-1] == count - 1).all()


def test_without_restraint_a_ramp_of_greys_would_turn_back():
    change = np.zeros((17, 17, 17, 3), np.float32)
    change[8, 8, 8], change[9, 9, 9] = 24, -24
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    assert (np.diff(repaint_by_table(ramp, ColourTable(change), all_of(ramp))[0].astype(int), axis=0) < 0).any()


@pytest.mark.parametrize("seed", range(4))
def test_no_channel_changes_by_more_than_is_allowed_and_white_not_at_all(seed):
    rgb = np.random.default_rng(seed).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    rgb[0] = 255
    result = repaint_by_table(rgb, wild(seed), all_of(rgb))
    assert np.abs(result.astype(int) - rgb).max() <= MOST
    assert (result[0] == 255).all()


def test_between_the_nodes_a_table_is_linear_along_greys_and_along_each_channel():
    nodes = spread_nodes(17)
    change = np.stack([nodes[..., 0] / 20, -nodes[..., 1] / 30 + nodes[..., 0] / 50, nodes.mean(-1) / 40], -1).astype(np.float32)
    rgb = np.random.default_rng(0).integers(0, 256, (1000, 3), dtype=np.uint8)
    r, g, b = rgb.astype(float).T
    expected = np.stack([r / 20, -g / 30 + r / 50, (r + g + b) / 120], 1)
    assert np.abs(look_up(rgb, ColourTable(change)) - expected).max() < 1e-3


def test_at_its_nodes_a_table_is_what_it_says():
    table = wild(3, 18)
    nodes = spread_nodes(18)
    assert np.abs(look_up(nodes.astype(np.uint8), table) - table.change).max() < 1e-3


def test_a_table_that_changes_nothing_gives_the_picture_itself():
    rgb = made_up(20, 30)
    assert repaint_by_table(rgb, restrain(np.zeros((17, 17, 17, 3))), all_of(rgb)) is rgb
    assert repaint_by_table(rgb, wild(0), np.zeros(rgb.shape[:2], np.float32)) is rgb


@pytest.mark.parametrize("wish", ["studio", warm(0.05)], ids=["studio", "cube"])
@pytest.mark.parametrize("faithful", ["colour", "exact"])
def test_at_strength_0_a_look_gives_the_same_bytes_the_same_card_and_the_same_promise(wish, faithful):
    order = Order(scale=2, model="bicubic", faithful=faithful)
    plain, none = carry_out(mug(), order), carry_out(mug(), replace(order, look=wish, look_strength=0, look_product=0))
    assert none.file.data == plain.file.data
    ours, theirs = ({k: v for k, v in done.as_json().items() if k != "seconds"} for done in (none, plain))
    assert ours == theirs
    assert none.promise_holds


def test_the_product_keeps_every_byte_unless_asked_and_the_background_gets_whiter():
    plain, done = carry_out(mug(), replace(PLAIN, look="")), carry_out(mug(), PLAIN)
    product = (slice(2 * 20, 2 * 60), slice(2 * 24, 2 * 56))
    assert np.array_equal(done.picture.rgb[product], plain.picture.rgb[product])
    before, after = (picture.rgb[:20, :20].astype(float) for picture in (plain.picture, done.picture))
    assert after.min(2).mean() > before.min(2).mean() + 5
    assert np.ptp(after.mean((0, 1))) < np.ptp(before.mean((0, 1)))


def test_a_look_on_the_product_changes_its_colours():
    plain, done = (
        carry_out(mug(), replace(PLAIN, look="")),
        carry_out(mug(), replace(PLAIN, look=warm(0.1), look_strength=0, look_product=1)),
    )
    assert (done.picture.rgb[60:100, 60:100] != plain.picture.rgb[60:100, 60:100]).any()
    assert np.array_equal(done.picture.rgb[:20, :20], plain.picture.rgb[:20, :20])


def test_the_backdrops_share_is_nothing_beside_the_product_and_whole_away_from_it():
    behind = np.ones((40, 40), bool)
    behind[15:25, 15:25] = False
    share = share_out(behind, 0.5, 0)
    assert share[14:26, 14:26].max() == 0
    assert share[: 15 - FADE - 1].min() == 0.5
    assert (share_out(behind, 0, 0.25) == np.where(behind, 0, 0.25)).all()


@pytest.mark.parametrize(("backdrop", "product"), [(1, 1), (1, 0.5), (0.5, 1)])
def test_between_a_look_on_the_product_and_on_the_backdrop_no_rim_of_the_old_colours_is_left(backdrop, product):
    behind = np.ones((40, 40), bool)
    behind[15:25, 15:25] = False
    share = share_out(behind, backdrop, product)
    assert share.min() == min(backdrop, product)
    assert (share[~behind] == product).all()
    assert share[0, 0] == backdrop


def test_the_card_says_what_changed_apart_and_that_the_promise_is_off():
    done = carry_out(mug(), replace(PLAIN, faithful="exact"))
    assert not done.promise_holds
    told: dict[str, Any] = done.as_json()
    assert told["exact"]  # of the enlargement, which the figures are of
    assert told["look_behind"] > 1
    assert told["look_product"] < 0.1
    assert told["verdict"] == "PASS"
    assert any("studio” changed colours" in str(note) and "Not for colour-critical goods" in str(note) for note in done.notes)
    assert "look_product" not in carry_out(mug(), replace(PLAIN, look="")).as_json()


@pytest.mark.parametrize(("strength", "verdict"), [(0.02, "PASS"), (0.3, "REVIEW")])
def test_a_product_whose_colours_moved_visibly_is_to_be_reviewed(strength, verdict):
    done = carry_out(mug(), replace(PLAIN, look=warm(strength), look_product=1))
    assert done.report is not None
    assert done.report.verdict == verdict
    assert [reason.figure for reason in done.report.reasons] == (["look_product"] if verdict == "REVIEW" else [])


@pytest.mark.parametrize("nodes", [2, 3, 5, 9])
def test_a_coarse_table_does_what_the_same_look_does_with_more_nodes(nodes):
    coarse, fine = (carry_out(mug(), replace(PLAIN, look=warm(0.05, count), look_product=1)).picture.rgb for count in (nodes, 17))
    assert np.abs(coarse.astype(int) - fine).max() <= 1
    assert np.abs(fine.astype(int) - carry_out(mug(), replace(PLAIN, look="")).picture.rgb).max() >= 9


@pytest.mark.parametrize("count", [17, 18, 65])
def test_a_table_that_is_fine_enough_is_taken_as_it_is(count):
    change = np.zeros((count, count, count, 3))
    assert interpolate_changes(change) is change


def test_of_a_look_that_asks_for_too_much_it_is_said_how_much_is_done():
    assert any("no colour changes by more than 24" in str(note).lower() for note in carry_out(mug(), replace(PLAIN, look=warm(0.5))).notes)
    assert not any("by more than" in str(note) for note in carry_out(mug(), replace(PLAIN, look=warm(0.05))).notes)


def test_a_scene_stays_as_it_is_and_that_is_said():
    done = carry_out(Photo(made_up(60, 60)), PLAIN)
    assert any("changed nothing" in str(note) for note in done.notes)
    assert done.file.data == carry_out(Photo(made_up(60, 60)), replace(PLAIN, look="")).file.data


def cut_off(ground: np.ndarray) -> Photo:
    """A product that leaves the photo at the bottom, in front of a ground, (80, 80, 3) levels of 255."""
    rgb = np.rint(ground).clip(0, 255).astype(np.uint8)
    rgb[20:, 24:56] = made_up(60, 32) * 0.6 + 40
    return Photo(rgb)


PAPER = np.full((80, 80, 3), (226, 222, 214), float)


def test_a_light_even_background_gets_whiter_where_the_product_leaves_the_photo_too():
    photo = cut_off(PAPER)
    plain, done = (carry_out(photo, order).picture.rgb for order in (replace(PLAIN, look=""), PLAIN))
    assert done[:20, :20].min() >= 214 + MOST - 1
    assert np.ptp(done[:20, :20].astype(int)) <= 1
    assert np.array_equal(done[40:, 48:112], plain[40:, 48:112])


@pytest.mark.parametrize(
    "ground",
    [
        PAPER + np.random.default_rng(0).normal(0, 8, (80, 80, 1)),
        PAPER - np.linspace(0, 24, 80)[:, None, None],
        PAPER - 110,
        PAPER - (0, 70, 0),
    ],
    ids=["textured", "with a slope", "dark", "colourful"],
)
def test_another_background_than_paper_stays_as_it_is_where_the_product_leaves_the_photo(ground):
    photo = cut_off(ground)
    assert carry_out(photo, PLAIN).file.data == carry_out(photo, replace(PLAIN, look="")).file.data


def test_what_is_transparent_stays_as_it_is():
    cut_out = replace(mug(), alpha=np.where(np.arange(80) < 40, 0, 255).astype(np.uint8)[None].repeat(80, 0))
    plain, done = (carry_out(cut_out, order).picture for order in (replace(PLAIN, look=""), replace(PLAIN, look=warm(0.1), look_product=1)))
    assert np.array_equal(done.rgb[:, :76], plain.rgb[:, :76])
    assert is_same(done.alpha, plain.alpha)
    assert (done.rgb[:, 80:] != plain.rgb[:, 80:]).any()


def test_a_photo_of_16_bits_keeps_them():
    deep = Photo(mug().rgb.astype(np.uint16) * 257)
    picture = carry_out(deep, PLAIN).picture
    assert picture.deep is not None
    assert (picture.deep.rgb[:40, :40] % 257).any()


def test_on_a_marketplaces_canvas_the_product_keeps_every_byte_too():
    large = replace(mug(), rgb=mug().rgb.repeat(3, 0).repeat(3, 1))
    plain, done = (carry_out(large, replace(PLAIN, look=wish, preset="taobao")) for wish in ("", "studio"))
    middle = slice(300, 500)
    assert np.array_equal(done.picture.rgb[middle, middle], plain.picture.rgb[middle, middle])
    assert (done.picture.rgb != plain.picture.rgb).any()


@pytest.mark.parametrize("count", [2, 17, 33])
def test_a_cube_file_reads_back_as_it_was_written(count):
    table = np.random.default_rng(0).random((count, count, count, 3))
    assert np.abs(parse_cube(format_cube(table, "mine")) - table).max() < 1e-6


def test_in_a_cube_file_red_runs_fastest():
    text = "# made by hand\nLUT_3D_SIZE 2\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1\n" + "\n".join(
        f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1)
    )
    assert np.array_equal(255 * parse_cube(text), spread_nodes(2))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello\nworld", "not expected"),
        ("LUT_1D_SIZE 4\n0 0 0", "curves"),
        ("0 0 0\n1 1 1", "LUT_3D_SIZE is missing"),
        ("LUT_3D_SIZE 2\n0 0 0", "8 lines of three numbers"),
        (f"LUT_3D_SIZE {LARGEST + 1}\n0 0 0", "2 to 65"),
        ("LUT_3D_SIZE 2\nDOMAIN_MAX 2 2 2\n", "0 to 1"),
        ("LUT_3D_SIZE 2\n" + 8 * "nan 0 0\n", "not expected"),
        ("LUT_3D_SIZE 2\n" + 8 * "0 0\n", "8 lines"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_sentence(text, words):
    with pytest.raises(CubeError, match=words):
        parse_cube(text)
    with pytest.raises(PhotoError, match=r"no \.cube file that can be read"):
        Order(look=text)


@pytest.mark.parametrize(
    ("wish", "words"),
    [({"look": "vivid"}, "no look “vivid”"), ({"look_strength": 2}, "no share"), ({"look_product": -0.1}, "no share")],
)
def test_a_look_that_there_is_not_is_refused_in_words(wish, words):
    with pytest.raises(PhotoError, match=words):
        Order(**wish)


@pytest.mark.parametrize("share", [{"look_strength": 0.5}, {"look_product": 0.2}, {"look_strength": 0, "look_product": 1}])
def test_a_share_of_no_look_is_refused_in_words(share):
    with pytest.raises(PhotoError, match=r"no look\. Choose one"):
        Order(**share)
    Order(**dict.fromkeys(share))  # pyright: ignore[reportArgumentType]
    Order(look="studio", **share)


@pytest.fixture
def mug_file(tmp_path):
    sr_models.write(mug(), tmp_path / "mug.png")
    return tmp_path / "mug.png"


@pytest.mark.parametrize("option", ["--look-strength", "--look-product"])
def test_the_command_line_refuses_a_share_of_no_look_whatever_it_is(option, mug_file, capsys):
    for share in ("0", "0.5", "1"):
        assert main(["upscale", str(mug_file), "-o", str(mug_file.with_name("out.png")), option, share]) == 2
        assert capsys.readouterr().err == "sr_models: How much of a look is wanted was said, but no look. Choose one, or leave this out.\n"
        assert not mug_file.with_name("out.png").exists()


def test_sliders_of_a_look_that_was_taken_back_are_no_wish():
    assert Order(**choices.words({"model": "bicubic", "look": "", "look_strength": 0.5, "look_product": 0.2})) == Order(model="bicubic")


def test_an_order_with_a_look_of_ones_own_is_plain_data():
    order = Order(look=warm(0.1), look_strength=0.5, look_product=0.25)
    assert Order(**json.loads(json.dumps(asdict(order)))) == order


def test_the_studio_look_of_a_photo_can_be_written_and_given_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sr_models.write(mug(), tmp_path / "mug.png")
    assert main(["look", "mug.png", "-o", "mug.cube"]) == 0
    written = carry_out(mug(), replace(PLAIN, look=(tmp_path / "mug.cube").read_text())).picture.rgb
    assert np.abs(written.astype(int) - carry_out(mug(), PLAIN).picture.rgb).max() <= 1
    assert main(["look", "mug.png", "-o", "gone/mug.cube"]) == 2


@pytest.mark.parametrize("own", [False, True])
def test_python_command_line_and_page_give_the_same_file(own, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sr_models.write(mug(), tmp_path / "mug.png")
    (tmp_path / "mine.cube").write_text(warm(0.05))
    wish = warm(0.05).strip() if own else "studio"
    order = Order(scale=2, model="bicubic", look=wish, look_strength=0.5, look_product=0.2)
    options = f"--scale 2 --model bicubic --look {'mine.cube' if own else 'studio'} --look-strength 0.5 --look-product 0.2"
    assert main(["upscale", "mug.png", "-o", "shell.png", *options.split()]) == 0
    assert main(["catalogue", "mug.png", "-o", "shop", *options.split()]) == 2  # a catalogue is a folder
    (tmp_path / "photos").mkdir()
    sr_models.write(mug(), tmp_path / "photos" / "mug.png")
    assert main(["catalogue", "photos", "-o", "shop", *options.split()]) == 0
    monkeypatch.setattr(choices, "take_upload", lambda file: (tmp_path / file["path"], "mine.cube"))
    chosen = {"look": choices.OWN, "look_file": {"path": "mine.cube"}} if own else {"look": "studio", "look_file": None}
    words = choices.words({"scale": "2", "model": "bicubic", "look_strength": 0.5, "look_product": 0.2, **chosen})
    assert Order(**words) == order
    expected = carry_out(mug(), order).file.data
    assert (tmp_path / "shell.png").read_bytes() == (tmp_path / "shop" / "mug_2x_bicubic.png").read_bytes() == expected
    assert not np.array_equal(decode(expected, "mug").rgb, carry_out(mug(), Order(scale=2, model="bicubic")).picture.rgb)


def test_a_look_of_ones_own_that_was_not_brought_is_asked_for():
    with pytest.raises(PhotoError, match=r"Bring it, or choose another"):
        choices.words({"look": choices.OWN, "look_file": None, "model": "bicubic"})


def cast_light(rgb: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The picture under a warmer or colder, greener or more magenta light, and up to a quarter of a stop darker; nothing clips."""
    (warm, green), darker = random.uniform((-0.12, -0.05), (0.12, 0.05)), random.uniform(0, 0.25)
    stops = np.array([warm, green, -warm])
    return np.rint(255 * encode_srgb(decode_srgb(rgb / 255) * 2 ** (stops - stops.max() - darker))).astype(np.uint8)


def take(photo: Photo, **words: float) -> Photo:
    """The photo with the studio look, on its product too, unless told."""
    return look(photo, photo, Aim(photo, times(photo.size, 1)), Order(look="studio", **{"look_product": 1, **words})).picture


def studio_photos() -> list[Photo]:
    """The white-ground photos of product-val, small."""
    photos = [read(file) for file in photo_files(shared("product-val"))]
    small = [Photo(resized(photo, limit_longest_side(photo.size, 384)).rgb) for photo in photos]
    return [photo for photo in small if not (behind := find_backdrop(photo)).is_scene and min(behind.colour) >= 248]


def test_the_studio_look_takes_known_casts_out_of_white_ground_photos_and_leaves_the_photos_themselves_alone():
    """Of a cast at most a fifth is left, in ΔE00 over the picture, and less than half of what the classic white balance leaves.

    By default the product keeps its cast: at most seven tenths are left over the picture, and in the background three fifths of what the
    white balance leaves there.
    """
    photos, random, left = studio_photos(), np.random.default_rng(7), []
    for photo in photos:
        behind = find_backdrop(photo).mask
        for _ in range(4):
            cast = Photo(cast_light(photo.rgb, random))
            results = (cast, *(balance(cast, amount) for amount in (0.5, 1)), take(cast), take(cast, look_product=0))
            found = [delta_e(photo.rgb, result.rgb) for result in results]
            left.append([[difference.mean(), difference[behind].mean()] for difference in found])
    (cast, half, whole, studio, default), in_backdrop = np.mean(left, axis=0).T
    assert studio < 0.2 * cast
    assert studio < min(half, whole) / 2
    assert default < 0.7 * cast
    assert in_backdrop[4] < in_backdrop[:3].min() * 0.6
    same = np.concatenate([delta_e(photo.rgb, take(photo).rgb).ravel() for photo in photos])
    assert same.mean() <= 1
    assert np.percentile(same, 95) <= 2


@pytest.mark.parametrize("colour", [(235, 228, 214), (240, 240, 240), (255, 250, 250), (251, 251, 254)])
def test_a_backdrop_that_is_nearly_white_becomes_neutral_and_as_white_as_allowed(colour):
    rgb = np.full((1, 1, 3), colour, np.uint8)
    table = tabulate_whitening(np.array(colour, float))
    expected = min(255, min(colour) + MOST)
    assert np.abs(repaint_by_table(rgb, table, all_of(rgb))[0, 0] - float(expected)).max() <= 1


@pytest.mark.parametrize("tint", [(0, 0, 0), (0, -4, -9), (-6, 0, -1)])
def test_a_backdrop_that_may_become_white_becomes_wholly_white(tint):
    for level in range(int(255 - MOST) - min(tint), 256):
        colour = (np.array([level, level, level]) + tint)[None, None].astype(np.uint8)
        assert (repaint_by_table(colour, tabulate_whitening(colour[0, 0].astype(float)), all_of(colour)) == 255).all()


def test_a_darker_backdrop_becomes_neutral_and_lighter():
    rgb = np.full((1, 1, 3), (200, 190, 180), np.uint8)
    result = repaint_by_table(rgb, tabulate_whitening(np.array([200.0, 190, 180])), all_of(rgb))[0, 0].astype(int)
    assert np.ptp(result) <= 1
    assert result.min() >= 203


@pytest.mark.parametrize("colour", [(60, 60, 60), (250, 150, 150), (255, 255, 255)])
def test_a_backdrop_that_is_white_or_meant_to_be_dark_or_colourful_stays(colour):
    assert np.abs(tabulate_whitening(np.array(colour, float)).change).max() < 1e-9


def test_a_look_goes_by_the_whole_photo_and_not_by_the_part_that_is_enlarged():
    photo = mug()
    whole = look(photo, photo, Aim(photo, times(photo.size, 1)), PLAIN)
    part = photo.part(slice(0, 40), slice(0, 40))

    class Corner(Aim):
        def cut(self, places: np.ndarray) -> np.ndarray:
            return places[:40, :40]

    cut = look(part, photo, Corner(part, times(part.size, 1)), PLAIN)
    assert np.array_equal(cut.picture.rgb, whole.picture.rgb[:40, :40])
