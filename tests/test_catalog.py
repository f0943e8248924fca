import importlib
import pkgutil
import re

import pytest
import torch
from conftest import made_up
from torch import nn

from sr_models import Photo, nets, weights
from sr_models.catalog import CATALOG, FUSIONS, PUBLISHED, RECURRENT, SCALES, Embedded, find
from sr_models.errors import ModelError
from sr_models.hub import recognise
from sr_models.nets.compact import CompactConfig
from sr_models.nets.edsr import EDSRConfig
from sr_models.reading import recompress
from sr_models.training.recipes import RECIPES

EMBEDDED = [entry for entry in CATALOG if isinstance(entry.source, Embedded)]


def test_ids_are_unique_and_end_in_nothing_that_a_file_name_could_not_hold():
    ids = [entry.id for entry in CATALOG]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9-]+", id) for id in ids)


def test_the_files_in_weights_are_the_embedded_entries():
    known = {weights.path_of(entry).name for entry in (*EMBEDDED, *FUSIONS, *RECURRENT)}
    assert {path.name for path in weights.FOLDER.glob("*.safetensors")} == known


def test_the_cnn_and_the_gan_hold_their_trunk_once_for_all_scales_and_stay_small():
    large = {weights.path_of(entry) for entry in EMBEDDED if entry.family in ("cnn", "gan")}
    assert len(large) == 3
    assert sum(path.stat().st_size for path in large) < 18_000_000


def test_every_architecture_file_is_used_by_an_entry_waits_in_a_recipe_or_is_recognised():
    used = {type(known.net).__module__ for known in (*CATALOG, *FUSIONS, *RECURRENT, *PUBLISHED, *RECIPES)}
    used |= {kind.__module__ for name, kind in vars(recognise).items() if name.endswith("Config") and name != "NetConfig"}
    files = {f"sr_models.nets.{module.name}" for module in pkgutil.iter_modules(nets.__path__)}
    assert files == used
    assert all(importlib.import_module(name).__doc__ for name in files)


def odd_widths(config: nets.NetConfig) -> set[int]:
    """How many channels a convolution takes, where these are neither those of a picture nor a multiple of WIDTH."""
    with torch.device("meta"):
        taken = {module.in_channels for module in config.build().modules() if isinstance(module, nn.Conv2d)}
    return {width for width in taken if width > 3 and width % WIDTH}


WIDTH = 32
"""Channels that bfloat16 on a processor likes: one thread of a Xeon with AMX, 256 × 256 pixels 4×, took 118 ms at a width of 48 and 99 ms
at 40, but 91 ms at 64 and 52 ms at 32."""


@pytest.mark.parametrize("entry", EMBEDDED, ids=lambda entry: entry.id)
def test_a_shipped_network_is_as_wide_as_processors_like(entry):
    assert odd_widths(entry.net) == set()


def test_a_width_that_would_be_slower_than_a_larger_one_is_found():
    assert odd_widths(EDSRConfig(48, 2, 4)) == odd_widths(CompactConfig(48, 2, 4)) == {48}
    assert odd_widths(EDSRConfig(40, 2, 4)) == {40}


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("family", ["cnn", "cnn-fast", "gan", "srcnn", "bicubic", "lanczos"])
def test_every_family_is_there_for_every_scale(family, scale):
    entry = find(family, scale)
    assert (entry.family, entry.net.scale) == (family, scale)


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.id)
def test_an_entry_is_found_by_its_id(entry):
    assert find(entry.id, entry.net.scale) == entry


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize(
    ("input", "noise", "kind"), [("auto", 0, "clean"), ("auto", 3.4, "web"), ("clean", 3.4, "clean"), ("web", 0, "web")]
)
@pytest.mark.parametrize("family", ["cnn", "cnn-fast"])
def test_the_file_decides_between_clean_and_web_and_the_person_overrules_it(family, scale, input, noise, kind):
    assert kind in find(family, scale, input, noise).inputs


@pytest.mark.parametrize(("quality", "kind"), [(93, "clean"), (92, "web")])
def test_a_jpeg_counts_as_clean_from_quality_93_on(quality, kind):
    assert find("cnn", 2, "auto", recompress(Photo(made_up(16, 16)), quality).noise).inputs == (kind,)


def test_a_family_without_weights_for_a_kind_serves_with_those_it_has_but_not_when_asked_by_name():
    assert find("srcnn", 2, "auto", noise=3.4).id == find("srcnn", 2).id
    with pytest.raises(ModelError, match="no weights for web"):
        find("srcnn", 2, "web")


@pytest.mark.parametrize(
    ("model", "scale", "input", "words"),
    [
        ("cnn", 5, "auto", "2, 3, 4"),
        ("esrgan", 4, "auto", "cnn, gan"),
        (find("cnn", 2).id, 4, "auto", "by 2, not by 4"),
        ("cnn", 4, "dirty", "auto, clean or web"),
    ],
)
def test_a_wrong_wish_is_answered_with_what_there_is(model, scale, input, words):
    with pytest.raises(ModelError, match=words):
        find(model, scale, input)


def test_networks_that_invent_are_named_so_and_others_are_not():
    assert {entry.family for entry in CATALOG if entry.generative} == {"gan"}
    assert all(entry.generative for entry in PUBLISHED)
