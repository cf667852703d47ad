"""What an autoencoder makes of a picture: the engine's part, and as a player shows it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from models.autoencoder import Autoencoder
from studio.engine import checkpoints
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.player import Player
from studio.engine.generation.reconstruction import Reconstruction, held_out_pictures
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.generation.snapshot import Snapshot
from studio.engine.runtime.errors import StudioError
from tests.models.zoo import small_of_any_kind
from tests.tiny import SIZE, squares, tiny_checkpoint, tiny_data


@pytest.fixture
def model() -> Autoencoder:
    model = small_of_any_kind("autoencoder", (1, 7, 6), hidden=(32,), code=16)
    assert isinstance(model, Autoencoder)
    return model


@pytest.fixture
def player(model: Autoencoder) -> Iterator[Player]:
    player = Player(model)
    yield player
    player.close()
    assert player.join(10)


def painted(seed: int = 0) -> Evidence:
    """Some pixels, black and white."""
    random = np.random.default_rng(seed)
    known = random.random((7, 6)) < 0.6
    return Evidence((random.integers(0, 2, (1, 7, 6)) * known).astype(np.uint8), known)


def latest(player: Player, so: Callable[[Snapshot], bool] = lambda shown: True) -> Snapshot:
    """The first thing it shows that is so."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if (shown := player.mailbox.take()) is not None and so(shown):
            return shown
        time.sleep(0.002)
    raise AssertionError(f"nothing came; failures: {player.failures.take()}")


def test_it_shows_the_picture_and_beside_it_the_most_probable_level_of_every_pixel(
    model: Autoencoder,
) -> None:
    evidence = painted()
    found = Reconstruction(model, evidence=evidence)
    expected = model.reconstruct(torch.from_numpy(evidence.values)[None])[0, :, 0] > 0
    assert np.array_equal(found.values[0], evidence.values)
    assert np.array_equal(found.values[1].ravel(), expected.numpy())
    assert found.right == pytest.approx((found.values[1] == evidence.values).mean())


def test_levels_and_channels_keep_their_places() -> None:
    model = small_of_any_kind("autoencoder", (3, 4, 5), 4, hidden=(32,), code=16)
    assert isinstance(model, Autoencoder)
    values = np.random.default_rng(0).integers(0, 4, (3, 4, 5)).astype(np.uint8)
    made = Reconstruction(model, evidence=Evidence(values, np.ones((4, 5), bool))).values[1]
    probabilities = model.likelihood.probabilities(
        model.reconstruct(torch.from_numpy(values)[None])
    )[0]
    for channel, row, column in ((0, 0, 0), (2, 1, 3), (1, 3, 4)):
        assert made[channel, row, column] == probabilities[5 * row + column, channel].argmax()


def test_an_empty_picture_is_a_picture_too(model: Autoencoder) -> None:
    assert not Reconstruction(model).values[0].any()


def test_noise_is_the_same_for_the_same_seed_and_counts_against_the_model(
    model: Autoencoder,
) -> None:
    evidence = painted()
    shown = [
        Reconstruction(model, SamplingOptions(corruption=0.5, seed=seed), evidence).values[0]
        for seed in (1, 1, 2)
    ]
    assert np.array_equal(shown[0], shown[1])
    assert not np.array_equal(shown[0], shown[2])
    noisy = Reconstruction(model, SamplingOptions(corruption=0.5, seed=1), evidence)
    assert noisy.right == pytest.approx((noisy.values[1] == evidence.values).mean()), (
        "right is as painted, not as shown"
    )


@pytest.mark.parametrize(
    ("options", "evidence", "complaint"),
    [
        (SamplingOptions(corruption=1.5), None, "share of the pixels"),
        (
            SamplingOptions(),
            Evidence(np.zeros((1, 3, 3), np.uint8), np.ones((3, 3), bool)),
            "shape",
        ),
        (
            SamplingOptions(),
            Evidence(np.full((1, 7, 6), 2, np.uint8), np.ones((7, 6), bool)),
            "level 2",
        ),
    ],
)
def test_what_does_not_fit_is_reported_in_one_sentence(
    model: Autoencoder, options: SamplingOptions, evidence: Evidence | None, complaint: str
) -> None:
    with pytest.raises(StudioError, match=complaint):
        Reconstruction(model, options, evidence)


def test_a_player_shows_both_pictures_with_captions_and_claims_no_bits(
    player: Player, model: Autoencoder
) -> None:
    shown = latest(player)
    assert (shown.count, shown.position, shown.length, shown.playing) == (2, 42, 42, False)
    assert shown.bits_per_dim is None
    assert len(shown.captions) == 2
    player.set_options(SamplingOptions(corruption=0.3))
    assert "30 %" in latest(player, lambda shown: shown.options.corruption > 0).captions[0]


def _shows(evidence: Evidence, shown: Snapshot) -> bool:
    return np.array_equal(shown.values[0], evidence.values)


def test_every_stroke_is_answered_at_once(player: Player) -> None:
    latest(player)
    for seed in range(5):
        evidence = painted(seed)
        began = time.monotonic()
        player.set_evidence(evidence)
        latest(player, partial(_shows, evidence))
        assert time.monotonic() - began < 5, (
            "some milliseconds, but on a machine that is busy who knows"
        )


def test_what_plays_a_drawing_does_nothing_here(player: Player) -> None:
    before = latest(player)
    for command in (player.play, player.step, player.finish, player.restart, player.cancel):
        command()
        assert player.join(10)
    player.seek(3)
    assert player.join(10)
    assert player.failures.take() is None
    after = player.mailbox.take() or before
    assert not after.playing
    assert after.position == 42


def test_a_canvas_that_does_not_fit_is_reported_and_the_pictures_stay(player: Player) -> None:
    latest(player)
    player.set_evidence(Evidence(np.zeros((1, 2, 2), np.uint8), np.ones((2, 2), bool)))
    assert player.join(10)
    failure = player.failures.take()
    assert failure is not None
    assert "shape" in failure[0]
    player.set_evidence(painted())
    latest(player)


def test_held_out_pictures_are_those_of_the_data_that_it_learnt_from(tmp_path: Path) -> None:
    path = tiny_checkpoint(
        tmp_path, "autoencoder", data=str(tiny_data(tmp_path, 60)), preparation="thresholded"
    )
    found = held_out_pictures(checkpoints.load(path))
    assert found.shape == (6, 1, SIZE, SIZE)
    assert all((picture[0] == squares(60) // 255).all((1, 2)).any() for picture in found)
    other = checkpoints.load(tiny_checkpoint(tmp_path, "autoencoder"))
    with pytest.raises(StudioError, match="another size"):
        held_out_pictures(other)
