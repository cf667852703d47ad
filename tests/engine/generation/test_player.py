"""The player: what its commands do, how soon, at what pace, and what becomes of a failure."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from models.interface import AutoregressiveModel
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.changes import Change
from studio.engine.generation.decoders import GRAPH
from studio.engine.generation.generation import Generation
from studio.engine.generation.player import Player
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.actor import DISPLAY_RATE
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.graphs import UncapturableError
from studio.engine.runtime.jobs import stop_all
from tests.engine.drawings import finished
from tests.engine.playing import PATIENCE, rested, slowed, watched
from tests.models.zoo import small
from tests.tries import Tries


def test_steps_go_on_and_back(player):
    player.step(5)
    player.step()
    assert rested(player).position == 6
    player.step(-2)
    shown = rested(player)
    assert (shown.position, shown.recorded, shown.next_site) == (4, 6, (0, 4))
    player.step(-99)
    assert rested(player).position == 0
    player.step(99)
    assert rested(player).position == 42


def test_seeking_shows_any_moment_of_the_record(player, model):
    whole = finished(model)
    player.finish()
    rested(player)
    for position in (30, 3, 17):
        player.seek(position)
        shown = rested(player)
        assert (shown.position, shown.recorded, shown.playing) == (position, 42, False)
        np.testing.assert_array_equal(
            shown.values.ravel(), np.where(np.arange(42) < position, whole.ravel(), 0)
        )
    player.play()
    np.testing.assert_array_equal(rested(player).values, whole)


def test_playing_from_the_end_begins_again(player, model):
    player.finish()
    rested(player)
    player.set_speed(50)
    player.play()
    assert watched(player, lambda shown: shown.playing).position < 42
    player.finish()
    np.testing.assert_array_equal(rested(player).values, finished(model))


def test_a_restart_forgets_the_record_and_comes_to_the_same_picture(player, model):
    player.finish()
    player.restart()
    shown = rested(player)
    assert (shown.position, shown.recorded) == (0, 0)
    player.finish()
    np.testing.assert_array_equal(rested(player).values, finished(model))


def test_a_new_seed_begins_anew_and_a_new_temperature_goes_on(player):
    player.step(10)
    player.set_options(SamplingOptions(temperature=0.5))
    assert rested(player).position == 10
    player.set_options(SamplingOptions(temperature=0.5, seed=1))
    assert rested(player).position == 0


def test_painting_goes_back_to_the_first_site_that_changes(player):
    player.set_options(SamplingOptions(method="clamp"))
    player.finish()
    rested(player)
    known = np.zeros((7, 6), bool)
    for row in (6, 5, 4):
        known[row] = True
        player.set_evidence(Evidence(np.ones((1, 7, 6), np.uint8), known))
    known[:] = False  # the evidence was the window's to paint on: the player has its own
    assert rested(player).position == 24
    player.set_evidence(None)
    player.finish()
    assert rested(player).known is None


def test_it_runs_to_any_position_back_or_on(player, model):
    for position in (20, 7, 30):
        player.run_to(position)
        assert rested(player).position == position
    player.run_to(None)
    np.testing.assert_array_equal(rested(player).values, finished(model))


def test_a_value_changed_by_hand_goes_back_to_it_and_undone_brings_all_back(player, model):
    whole = finished(model)
    player.finish()
    rested(player)
    player.set_changes((Change(0, 20, ((int(whole.flat[20]) + 1) % 4,)),))
    shown = rested(player)
    assert (shown.position, shown.recorded) == (20, 20)
    player.finish()
    assert rested(player).values.flat[20] != whole.flat[20]
    player.set_changes(())
    assert rested(player).recorded == 42
    player.finish()
    np.testing.assert_array_equal(rested(player).values, whole)


def test_pictures_are_refined_a_little_at_a_time_and_shown_meanwhile(play):
    model = slowed(small("pixelcnn", width=4, hidden=4, blocks=1, head=4), 0.005)
    known = np.zeros((7, 6), bool)
    known[[3, 6]] = True
    options = SamplingOptions(method="smc-refined", particles=3, sweeps=2)
    player = play(model, options, Evidence(np.ones((1, 7, 6), np.uint8), known))
    player.finish()
    swept = watched(
        player, lambda shown: shown.particles is not None and shown.particles.sweeps > 0
    )
    assert (swept.position, swept.recorded) == (41, 41)
    player.pause()
    held = rested(player)
    assert (held.position, held.finished) == (41, False)
    player.finish()
    assert rested(player).finished


def test_a_paced_run_keeps_its_pace_without_drift(play):
    player = play(small("pixelcnn", (1, 20, 20), width=4, hidden=4, blocks=1, head=4))
    rested(player)
    player.set_speed(200)
    began = time.monotonic()
    player.play()
    positions = []
    while (elapsed := time.monotonic() - began) < 1.0:
        shown = player.mailbox.take()
        if shown is not None:
            positions.append((elapsed, shown.position))
            assert shown.position <= 200 * elapsed + 1, "it ran ahead"
        time.sleep(0.005)
    player.pause()
    elapsed, position = positions[-1]
    assert position >= 200 * (elapsed - 0.25), "it fell behind"
    assert rested(player).sites_per_second == pytest.approx(200, rel=0.3)


def test_a_slow_run_waits_between_sites_and_pauses_at_once(player):
    player.set_speed(1)
    player.play()
    shown = watched(player, lambda shown: shown.position == 1)
    assert shown.playing
    assert shown.sites_per_second == pytest.approx(1, rel=0.1)
    began = time.monotonic()
    player.pause()
    shown = rested(player)
    assert time.monotonic() - began < 0.5
    assert (shown.position, shown.playing) == (1, False)


def test_a_change_of_speed_takes_effect_while_it_runs(player):
    player.set_speed(0.1)
    player.play()
    watched(player, lambda shown: shown.position == 1)
    player.set_speed(None)
    assert rested(player).position == 42


def test_a_speed_that_is_none_is_refused(player):
    player.set_speed(0)
    rested(player)
    message, details = player.failures.take()
    assert message.startswith("A speed is a number of sites a second above 0")
    assert details == ""


def test_a_step_ends_a_run_to_the_end(play, model):
    player = play(slowed(model, seconds=0.01))
    player.finish()
    position = watched(player, lambda shown: shown.position >= 2).position
    player.step(2)
    shown = rested(player)
    assert position + 2 <= shown.position < 42
    assert not shown.playing


def test_what_there_is_to_see_comes_at_display_rate_at_most(play, model, monkeypatch):
    player = play(slowed(model, seconds=0.004))
    put = []
    monkeypatch.setattr(player.mailbox, "put", lambda value: put.append(time.monotonic()))
    player.finish()
    assert player.join(PATIENCE)
    assert len(put) >= 3
    assert np.diff(put).min() > 0.9 / DISPLAY_RATE


def test_cancelling_ends_a_run_of_64_pictures_within_100_ms(play, tries: Tries):
    model = small("gated-pixelcnn", (1, 28, 28))
    player = play(model, SamplingOptions(count=64))
    for attempt in tries(5):
        with attempt:
            player.restart()
            player.play()
            watched(player, lambda shown: shown.position > 30)
            began = time.monotonic()
            player.cancel()
            assert player.join(PATIENCE)
            assert time.monotonic() - began < 0.1
            assert seen_position(player) < 784


def seen_position(player: Player) -> int:
    shown = player.mailbox.take()
    assert shown is not None
    assert not shown.playing
    return shown.position


def test_a_command_waits_for_no_more_than_a_site(play, model):
    player = play(slowed(model, seconds=0.02))
    player.finish()
    watched(player, lambda shown: shown.position >= 2)
    began = time.monotonic()
    player.step(-1)
    shown = rested(player)
    assert time.monotonic() - began < 0.15
    assert shown.position < 20


def test_cancelling_drops_what_waits_in_the_queue(play, model):
    player = play(slowed(model, seconds=0.02))
    player.finish()
    player.restart()
    player.finish()
    player.cancel()
    assert rested(player).position < 42


def test_of_many_seeks_only_the_last_counts(play, model):
    player = play(slowed(model, seconds=0.002))
    player.finish()
    rested(player)
    for position in range(40):
        player.seek(position)
    assert rested(player).position == 39


def test_a_failure_reaches_the_person_and_the_player_goes_on(play, model):
    player = play(slowed(model, fails_at=20))
    player.step(10)
    before = rested(player)
    player.finish()
    assert player.join(PATIENCE)
    message, details = player.failures.take()
    assert message == "nothing left for the picture"
    assert "Traceback" in details
    assert "in commit" in details
    after = player.mailbox.take()
    assert not after.playing
    assert after.position >= before.position, "what was drawn stays to be seen"
    player.finish()
    np.testing.assert_array_equal(rested(player).values, finished(small_again(model)))
    assert player.failures.take() is None


def small_again(model: AutoregressiveModel) -> AutoregressiveModel:
    del model.stepper  # type: ignore[attr-defined]
    return model


def test_settings_that_do_not_fit_change_nothing(player):
    player.step(10)
    player.set_options(SamplingOptions(count=0))
    player.set_evidence(Evidence(np.zeros((1, 3, 3), np.uint8), np.ones((3, 3), bool)))
    player.step()
    shown = rested(player)
    assert (shown.position, shown.options) == (11, SamplingOptions())
    message, details = player.failures.take()
    assert "picture has the shape" in message
    assert details == ""


def test_a_beginning_that_does_not_fit_can_be_put_right(play, model):
    player = play(model, SamplingOptions(condition=3))
    assert player.join(PATIENCE)
    assert player.mailbox.take() is None
    assert "takes no class" in player.failures.take()[0]
    player.set_options(SamplingOptions())
    assert rested(player).position == 0


def test_closing_ends_the_thread_in_the_middle_of_a_run(model):
    player = Player(slowed(model, seconds=0.02))
    player.finish()
    watched(player, lambda shown: shown.position > 0)
    began = time.monotonic()
    player.close()
    assert player.join(1)
    assert time.monotonic() - began < 0.2
    player.play()
    player.seek(3)
    assert player.join(0), "a closed player takes no commands, and says nothing of it"
    assert player.failures.take() is None


def test_stop_all_stops_a_player(play, model):
    player = play(model)
    player.set_speed(5)
    player.play()
    assert stop_all([player], 1) == []
    assert not rested(player).playing


def test_join_comes_back_while_a_run_goes_on(player):
    player.set_speed(1)
    player.play()
    watched(player, lambda shown: shown.playing)
    assert not player.join(0.01)


def test_a_player_of_a_broken_model_says_so(play, model):
    def broken(*_: object) -> None:
        raise StudioError("This model cannot draw.")

    model.stepper = broken  # type: ignore[method-assign]
    player = play(model)
    assert player.join(PATIENCE)
    assert player.failures.take() == ("This model cannot draw.", "")


def test_what_is_supposed_of_the_next_site_is_forgotten_where_another_comes_next(player):
    player.suppose((1,), 0)
    assert rested(player).upcoming.supposed == (1,)
    player.step()
    assert rested(player).upcoming.supposed == ()
    player.step(-1)
    assert rested(player).upcoming.supposed == (1,)
    player.suppose(None, 0)
    assert rested(player).upcoming.supposed == ()


def test_steps_are_captured_once_nothing_else_is_to_be_done(play, model):
    player = play(model, SamplingOptions(decode=GRAPH))
    player.finish()
    watched(player, lambda shown: shown.position == shown.length)
    assert player.join(PATIENCE)
    generation = player._generation
    assert isinstance(generation, Generation)
    assert generation.prepared()
    player.set_options(SamplingOptions(decode=GRAPH, seed=3))
    player.finish()
    np.testing.assert_array_equal(rested(player).values, finished(model, SamplingOptions(seed=3)))
    assert generation._by_graph.applies


def test_of_many_pictures_nothing_is_captured_nor_where_it_cannot_be(play, model, monkeypatch):
    asked: list[Generation] = []

    def refuses(generation, interrupted):
        asked.append(generation)
        raise UncapturableError("A step that waits cannot be captured.")

    monkeypatch.setattr(Generation, "prepare", refuses)
    player = play(model, SamplingOptions(decode=GRAPH, count=5))
    rested(player)
    assert not asked
    player.set_options(SamplingOptions(decode=GRAPH))
    player.finish()
    watched(player, lambda shown: shown.position == shown.length)
    assert player.join(PATIENCE)
    assert len(asked) == 1
    assert player.failures.take() is None


def test_what_is_wanted_comes_before_capturing(play, model, monkeypatch):
    begun, asked, stopped = threading.Event(), threading.Event(), list[bool]()

    def prepare(generation, interrupted):
        begun.set()
        asked.wait(PATIENCE)
        stopped.append(interrupted())
        return True

    monkeypatch.setattr(Generation, "prepare", prepare)
    player = play(model, SamplingOptions(decode=GRAPH))
    assert begun.wait(PATIENCE)
    player.step(5)
    asked.set()
    watched(player, lambda shown: shown.position == 5)
    player.set_options(SamplingOptions())
    assert rested(player).position == 5
    assert stopped[0], "it is told that something is wanted"
