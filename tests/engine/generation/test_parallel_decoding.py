"""Parallel decoding: the same pictures as site by site, in fewer passes; every pass is seen again,
and what is given, changed or asked for otherwise is taken account of."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

import models
from models.interface import AutoregressiveModel
from studio.engine import checkpoints
from studio.engine.generation import parallel_decoding
from studio.engine.generation.changes import Change
from studio.engine.generation.decoders import PARALLEL
from studio.engine.generation.generation import Generation, as_autoregressive, noise_for
from studio.engine.generation.sampling_options import SamplingOptions, check_options
from studio.engine.generation.snapshot import Snapshot
from studio.engine.generation.stretches import Stretch
from studio.engine.runtime.errors import StudioError
from tests.engine.drawings import (
    drawn,
    finished,
    naive_loop,
    rows_known,
    some_evidence,
)
from tests.engine.generation.test_generation import KINDS
from tests.models.zoo import LIGHT, PICTURES, small
from tests.thorough import thorough_only

SITES = 42
MANY = SamplingOptions(count=3, seed=7)
AT_ONCE = dataclasses.replace(MANY, decode=PARALLEL)
DECODED = [name for name in PICTURES if name not in LIGHT]


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("pixelcnn", levels=4, width=8, hidden=4, blocks=1, head=8)


def seen(generation: Generation) -> Snapshot:
    return generation.snapshot(None, False, 0.0)


def in_passes(generation: Generation) -> list[Snapshot]:
    """What there is to see from the beginning to the end, pass by pass."""
    moments = [seen(generation)]
    while generation.position < generation.length:
        generation.step()
        moments.append(seen(generation))
    return moments


# ---- the same pictures ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", DECODED)
def test_it_draws_what_the_naive_loop_draws(name: str) -> None:
    model = small(name, (3, 3, 3), 4)
    np.testing.assert_array_equal(
        finished(model, AT_ONCE), naive_loop(model, noise_for(model, 3, seed=7))
    )


@pytest.mark.parametrize("name", KINDS)
def test_it_is_as_sure_and_as_surprised_as_site_by_site(name: str) -> None:
    one_by_one, at_once = (Generation(small(name), options) for options in (MANY, AT_ONCE))
    np.testing.assert_array_equal(drawn(at_once), drawn(one_by_one))
    np.testing.assert_allclose(at_once.nats, one_by_one.nats, atol=1e-4)
    np.testing.assert_allclose(at_once.entropies, one_by_one.entropies, atol=1e-4)


@thorough_only
@pytest.mark.parametrize("name", ["made", "pixelcnn"])
@pytest.mark.parametrize("seed", range(4))
def test_shipped_models_draw_the_same_as_site_by_site(name: str, seed: int) -> None:
    model = as_autoregressive(checkpoints.load(name))
    options = SamplingOptions(count=2, seed=seed)
    at_once = Generation(model, dataclasses.replace(options, decode=PARALLEL))
    np.testing.assert_array_equal(drawn(at_once), finished(model, options))
    assert seen(at_once).passes_in_all in range(2, 80)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("pixelcnn", {"temperature": 0.6, "top_k": 3}),
        ("pixelcnn", {"top_p": 0.8}),
        ("pixelcnn", {"temperature": 0.0}),
        ("gated-pixelcnn-class", {"condition": 3}),
        ("gated-pixelcnn-class", {"condition": 3, "guidance": 2.0}),
        ("made-any-order", {"order": "spiral"}),
        ("pixelcnn-plus-plus", {"temperature": 0.7, "top_p": 0.9}),
    ],
)
def test_options_mean_the_same(name: str, options: dict) -> None:
    model = small(name, levels=4)
    np.testing.assert_array_equal(
        finished(model, dataclasses.replace(AT_ONCE, **options)),
        finished(model, dataclasses.replace(MANY, **options)),
    )


@pytest.mark.parametrize(
    ("name", "method"),
    [("pixelcnn", "clamp"), ("made-any-order", "order"), ("gated-pixelcnn-map", "map")],
)
def test_what_is_given_stays_and_is_taken_account_of(name: str, method: str) -> None:
    model = small(name)
    evidence = some_evidence(model, rows_known(model, 0, 3, 4))
    one_by_one, at_once = (
        finished(model, dataclasses.replace(options, method=method), evidence)
        for options in (MANY, AT_ONCE)
    )
    np.testing.assert_array_equal(at_once, one_by_one)
    np.testing.assert_array_equal(
        at_once[:, :, evidence.known], np.stack([evidence.values[:, evidence.known]] * 3)
    )


def test_what_was_set_by_hand_and_sampled_otherwise_is_so_again(model: AutoregressiveModel) -> None:
    changes = (Change(1, 5, (3,)), Change(0, 20, (0,)))
    earlier = (Stretch(11, (0.2, 0, 1.0)), Stretch(17, (1.0, 2, 1.0)))
    found = []
    for options in (MANY, AT_ONCE):
        generation = Generation(model, options)
        generation.set_changes(changes, earlier)
        found.append(drawn(generation))
    np.testing.assert_array_equal(found[1], found[0])
    assert (found[1][1, 0].flat[5], found[1][0, 0].flat[20]) == (3, 0)


# ---- what is settled -----------------------------------------------------------------------------


def test_what_is_settled_never_changes_and_every_pass_settles_more(
    model: AutoregressiveModel,
) -> None:
    moments = in_passes(Generation(model, AT_ONCE))
    last = moments[-1]
    assert [each.passes for each in moments] == [*range(len(moments))]
    assert (moments[0].settled, last.passes_in_all) == (None, len(moments) - 1)
    counts = []
    for each in moments[1:]:
        assert each.settled is not None
        assert each.settled.reshape(3, -1)[:, : each.position].all()
        np.testing.assert_array_equal(
            each.values[:, 0][each.settled], last.values[:, 0][each.settled]
        )
        counts.append(each.settled.sum((1, 2)))
    grown = np.diff([np.zeros(3), *counts], axis=0)
    assert (grown >= 1)[np.array([[0] * 3, *counts[:-1]]) < SITES].all()
    assert all(each.passes_in_all is None for each in moments[:-1])


def test_it_ends_with_the_pass_that_changes_nothing(model: AutoregressiveModel) -> None:
    passes: list[Tensor] = []
    conditionals = model.conditionals
    model.conditionals = lambda x, *rest: passes.append(x) or conditionals(x, *rest)  # type: ignore
    generation = Generation(model, AT_ONCE)
    last = torch.from_numpy(drawn(generation))
    assert torch.equal(passes[-1], last) or passes[-1].flatten(1)[:, :-1].equal(
        last.flatten(1)[:, :-1]
    )
    assert not torch.equal(passes[-2], last)


def test_before_the_first_pass_nothing_is_shown(model: AutoregressiveModel) -> None:
    beginning = seen(Generation(model, AT_ONCE))
    assert (beginning.position, beginning.passes, beginning.settled) == (0, 0, None)


def test_site_by_site_there_are_no_passes(model: AutoregressiveModel) -> None:
    generation = Generation(model, MANY)
    generation.step(5)
    assert (seen(generation).passes, seen(generation).settled) == (None, None)


# ---- going back and on ---------------------------------------------------------------------------


def test_every_pass_is_seen_again_without_another_one(model: AutoregressiveModel) -> None:
    generation = Generation(model, AT_ONCE)
    moments = in_passes(generation)
    model.conditionals = _never  # type: ignore[method-assign, assignment]
    back = [seen(generation)]
    while generation.position:
        generation.rewind(generation.position - 1)
        back.append(seen(generation) if generation.position == SITES else _values(generation))
    _same(back[::-1], moments)
    on = [_values(generation)]
    while generation.position < SITES:
        generation.step()
        on.append(_values(generation))
    _same(on, moments)


def _never(*_: object) -> Tensor:
    raise AssertionError("a pass was made again")


def _values(generation: Generation) -> Snapshot:
    """What is seen, without what the model says of the next site."""
    generation.upcoming = lambda *_: None  # type: ignore[method-assign]
    return seen(generation)


def _same(found: list[Snapshot], wanted: list[Snapshot]) -> None:
    for one, other in zip(found, wanted, strict=True):
        assert (one.passes, one.position) == (other.passes, other.position)
        np.testing.assert_array_equal(one.values, other.values)


def test_drawn_anew_as_far_as_a_pass_the_same_is_seen(model: AutoregressiveModel) -> None:
    moments = in_passes(Generation(model, AT_ONCE))
    wanted = moments[len(moments) // 2]
    again = Generation(model, AT_ONCE)
    again.step(wanted.position)
    _same([seen(again)], [wanted])


def test_between_two_passes_one_stands_at_the_next_in_the_direction(
    model: AutoregressiveModel,
) -> None:
    generation = Generation(model, AT_ONCE)
    stops = [each.position for each in in_passes(generation)]
    low, high = next(pair for pair in itertools.pairwise(stops) if pair[1] - pair[0] > 1)
    generation.rewind(low + 1)
    assert generation.position == low
    generation.rewind(low + 1)
    assert generation.position == high


def test_beyond_what_memory_holds_fewer_passes_are_remembered(
    model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = finished(model, AT_ONCE)
    monkeypatch.setattr(parallel_decoding, "MOST_BYTES", 250)
    generation = Generation(model, AT_ONCE)
    moments = in_passes(generation)
    np.testing.assert_array_equal(moments[-1].values, wanted)
    stops = 0
    while generation.position:
        generation.rewind(generation.position - 1)
        stops += 1
    assert 2 <= stops < len(moments) - 1


def test_an_interrupted_pass_is_gone_on_with(
    model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = finished(model, AT_ONCE)
    monkeypatch.setattr(parallel_decoding, "_AT_ONCE", SITES)  # a picture between two looks
    generation = Generation(model, AT_ONCE)
    asked = iter(range(10_000))
    looks: Callable[[], bool] = lambda: next(asked) % 2 == 1  # noqa: E731
    calls = 0
    while generation.position < SITES:
        generation.step(SITES, looks)
        calls += 1
    np.testing.assert_array_equal(generation.values, wanted)
    assert calls > 10


# ---- other evidence and options on the way -------------------------------------------------------


def test_what_is_painted_on_the_way_counts_and_undone_all_is_there_again(
    model: AutoregressiveModel,
) -> None:
    generation = Generation(model, AT_ONCE)
    moments = in_passes(generation)
    evidence = some_evidence(model, rows_known(model, 3))
    generation.edit(evidence)
    assert generation.position <= 18
    at_once = drawn(generation)
    np.testing.assert_array_equal(
        at_once, finished(model, dataclasses.replace(MANY, method="clamp"), evidence)
    )
    generation.edit(None)
    assert generation.recorded == SITES
    generation.rewind(0)
    generation.step(1)
    _same([_values(generation)], moments[1:2])


# ---- what cannot be ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("ardm", {}, "choose fewer steps instead"),
        ("pixelcnn", {"method": "smc"}, "The method smc lets attempts compete"),
        ("pixelcnn", {"method": "smc-refined"}, "The method smc-refined lets attempts compete"),
        ("wavenet", {}, "draws no pictures"),
        ("pixelcnn", {"decode": "sideways"}, "no way to decode"),
    ],
)
def test_what_cannot_be_drawn_at_once_is_refused(name: str, options: dict, why: str) -> None:
    model = models.build("wavenet") if name == "wavenet" else small(name)
    with pytest.raises(StudioError, match=why):
        check_options(dataclasses.replace(AT_ONCE, **options), model)
