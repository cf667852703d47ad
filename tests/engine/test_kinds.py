"""What a model can do decides of which kind it is, and so what plays it."""

from __future__ import annotations

from typing import Any

import pytest

import models
from models.interface import Model
from studio.engine import kinds
from studio.engine.generation.generation import Generation
from studio.engine.generation.reconstruction import Reconstruction
from studio.engine.generation.sampling_options import SamplingOptions
from tests.models.zoo import small_of_any_kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("pixelcnn", "pictures"),
        ("autoencoder", "reconstructions"),
        ("vq-autoencoder", "discrete autoencoders"),
        ("vq-prior", "two stages"),
        ("wavenet", "sound"),
        ("wavenet-pixels", "pictures"),
    ],
)
def test_a_model_is_of_the_kind_that_it_is_listed_under(name, kind):
    assert kinds.listed(name).name == kind
    assert kinds.of(models.build(name)).name == kind


def test_a_model_of_sound_is_drawn_where_its_length_is_fixed():
    assert kinds.of(models.build("wavenet", shape=(1, 4, 4))).name == "pictures"


def test_what_can_do_nothing_is_of_no_kind():
    class Idle(Model):
        name = "idle"

        def loss(self, *_: Any, **__: Any) -> Any: ...
        def figures(self, *_: Any, **__: Any) -> Any: ...

    with pytest.raises(ValueError, match="idle neither draws, nor reconstructs, nor makes sound"):
        kinds.of(Idle(models.build("made").config))


@pytest.mark.parametrize(("name", "film"), [("made", Generation), ("autoencoder", Reconstruction)])
def test_pictures_are_played_as_what_they_come_about_by(name, film):
    model = small_of_any_kind(name)
    played = kinds.of(model).part("film")(model, SamplingOptions(), None)
    assert type(played) is film


PARTS = (
    "commands",
    "data_sets",
    "open_data",
    "settings",
    "source",
    "made_by",
    "evaluate",
    "player",
    "film",
)


@pytest.mark.parametrize("kind", kinds.KINDS, ids=lambda kind: kind.name)
def test_every_part_that_is_named_is_there(kind):
    for part in PARTS:
        if part != "film" or kind.film:
            assert kind.part(part) is not None


def test_sound_is_no_film():
    assert not kinds.listed("wavenet").film
