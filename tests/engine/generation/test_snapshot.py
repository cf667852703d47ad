"""What a player shows of a moment: where it is, what is there, and what it cost."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.sampling_options import SamplingOptions
from tests.engine.drawings import finished
from tests.engine.playing import rested


def test_it_shows_the_beginning_at_once(player):
    shown = rested(player)
    assert (shown.position, shown.length, shown.recorded, shown.playing) == (0, 42, 0, False)
    assert shown.next_site == (0, 0)
    assert shown.probabilities is not None
    assert shown.probabilities.shape == (1, 4)
    assert shown.bits_per_dim is None
    assert (shown.known, shown.unseen) == (None, None)


def test_it_draws_what_a_generation_draws(player, model):
    player.set_options(SamplingOptions(count=4, seed=2))
    player.finish()
    shown = rested(player)
    assert (shown.position, shown.playing, shown.next_site, shown.probabilities) == (
        42,
        False,
        None,
        None,
    )
    assert (shown.count, shown.options.seed) == (4, 2)
    np.testing.assert_array_equal(shown.values, finished(model, SamplingOptions(count=4, seed=2)))
    nats = -model.log_prob(torch.from_numpy(shown.values)).mean().item()
    assert shown.nats_so_far == pytest.approx(nats, rel=1e-4)
    assert shown.bits_per_dim == pytest.approx(nats / 42 / np.log(2), rel=1e-4)
    assert shown.entropies.shape == (42,)
    assert shown.sites_per_second > 0


def test_evidence_is_taken_in_and_passed_over(play, model):
    known = np.zeros((7, 6), bool)
    known[[0, 3]] = True
    evidence = Evidence(np.full((1, 7, 6), 2, np.uint8), known)
    player = play(model, SamplingOptions(method="clamp"), evidence)
    shown = rested(player)
    assert (shown.start, shown.position) == (6, 6)
    assert shown.known is not None
    assert shown.unseen is not None
    np.testing.assert_array_equal(shown.known, known)
    np.testing.assert_array_equal(np.flatnonzero(shown.unseen.any(1)), [3])
    player.step(12)
    assert rested(player).position == 24, "the given row is passed with the step that leads to it"
    player.step(-1)
    assert rested(player).position == 17, "and passed on the way back"
    player.finish()
    shown = rested(player)
    clamped = finished(model, SamplingOptions(method="clamp"), evidence)
    np.testing.assert_array_equal(shown.values, clamped)
    assert (shown.method, shown.why, shown.particles) == ("clamp", "", None)
    assert shown.bits_per_dim == pytest.approx(shown.nats_so_far / 30 / np.log(2))


def test_particles_take_account_of_evidence_and_nothing_is_marked_as_unrested(play, model):
    known = np.zeros((7, 6), bool)
    known[5:] = True
    player = play(
        model,
        SamplingOptions(method="smc", count=2),
        Evidence(np.ones((1, 7, 6), np.uint8), known),
    )
    player.finish()
    shown = rested(player)
    assert shown.values[:, 0, 5:].all()
    assert shown.unseen is None


def test_only_what_the_model_has_drawn_is_finished_by_it(play, model):
    whole = Evidence(np.zeros((1, 7, 6), np.uint8), np.ones((7, 6), bool))
    given = rested(play(model, SamplingOptions(), whole))
    assert given.position == given.length
    assert not given.finished
    drawing = play(model)
    assert not rested(drawing).finished
    drawing.finish()
    assert rested(drawing).finished


def test_a_player_tells_of_the_picture_that_is_chosen_as_long_as_there_is_one(play, model):
    player = play(model, SamplingOptions(count=4))
    player.choose(3)
    player.step(5)
    shown = rested(player)
    assert (shown.chosen, shown.shown) == (3, 3)
    player.set_options(SamplingOptions(count=2))
    assert rested(player).chosen is None


def test_the_rank_of_a_site_is_its_place_in_the_order(player, model):
    shown = rested(player)
    assert shown.rank_of(2, 3) == model.order.tolist().index(2 * 6 + 3)


def test_a_position_comes_with_evidence_that_was_there_before(play, model):
    player = play(model, SamplingOptions(method="clamp"))
    player.finish()
    before = rested(player)
    known = np.zeros((7, 6), bool)
    known[2] = True
    player.set_evidence(Evidence(np.ones((1, 7, 6), np.uint8), known))
    assert rested(player).position == 12
    player.set_evidence(None, before.position)
    after = rested(player)
    assert after.position == before.position
    np.testing.assert_array_equal(after.values, before.values)
