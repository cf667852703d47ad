"""A generation drawn by captured steps does whatever one does that is drawn site by site, and comes
to the same pictures. Here the steps are compiled, see `test_graph_decoding`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.generation import by_graph, graph_decoding
from studio.engine.generation.changes import Change
from studio.engine.generation.decoders import GRAPH
from studio.engine.generation.generation import Generation
from studio.engine.generation.graph_decoding import GraphDecoding
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime import graphs
from tests.engine.drawings import drawn, next_levels, rows_known, some_evidence
from tests.models.zoo import small

PLAIN = SamplingOptions(count=2, seed=3)
BY_GRAPH = replace(PLAIN, decode=GRAPH)
Made = list[GraphDecoding]


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("pixelcnn", (1, 4, 3), levels=4, width=8, hidden=4, blocks=1, head=8)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """What was captured; where steps are asked for, they are before they are needed."""
    found: Made = []

    class Noted(GraphDecoding):
        def __init__(self, *given) -> None:
            super().__init__(*given)
            found.append(self)

    monkeypatch.setattr(by_graph, "GraphDecoding", Noted)
    prepared = property(lambda own: own._asked and not own.prepare(lambda: False))
    monkeypatch.setattr(by_graph.ByGraph, "applies", prepared)
    return found


def test_another_seed_is_drawn_by_the_same_graphs(model: AutoregressiveModel, made: Made) -> None:
    generation = Generation(model, BY_GRAPH)
    for seed in (3, 4):
        generation.set_options(replace(BY_GRAPH, seed=seed))
        plain = Generation(model, replace(PLAIN, seed=seed))
        np.testing.assert_array_equal(drawn(generation), drawn(plain))
        np.testing.assert_allclose(generation.nats, plain.nats, atol=1e-4)
    assert len(made) == 1


def test_a_row_is_drawn_at_once_and_shown_site_by_site(
    model: AutoregressiveModel, made: Made
) -> None:
    generation, plain = Generation(model, BY_GRAPH), Generation(model, PLAIN)
    assert generation.step() == plain.step() == 1
    assert (generation.position, generation.recorded) == (1, 3)
    np.testing.assert_array_equal(generation.values, plain.values)
    np.testing.assert_allclose(next_levels(generation, 1), next_levels(plain, 1), atol=1e-4)
    generation.step(2)
    plain.step(2)
    np.testing.assert_allclose(next_levels(generation, 1), next_levels(plain, 1), atol=1e-4)


def test_what_is_given_or_set_by_hand_stays_and_counts(
    model: AutoregressiveModel, made: Made
) -> None:
    changes = (Change(1, 4, (2,)), Change(0, 9, (3,)))
    pictures = []
    for options in (BY_GRAPH, PLAIN):
        options = replace(options, method="clamp")
        generation = Generation(model, options, some_evidence(model, rows_known(model, 2)))
        generation.set_changes(changes)
        generation.step(5)
        generation.edit(some_evidence(model, rows_known(model, 0, 2)))
        generation.step(5)
        generation.set_changes(changes[:1])
        pictures.append(drawn(generation))
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert made


def test_another_temperature_on_the_way_is_for_what_comes_later(
    model: AutoregressiveModel, made: Made
) -> None:
    pictures = []
    for options in (BY_GRAPH, PLAIN):
        generation = Generation(model, options)
        generation.step(5)
        generation.set_options(replace(options, temperature=0.3))
        generation.step(2)
        generation.set_options(replace(options, temperature=2.0))
        pictures.append(drawn(generation))
        generation.set_changes((Change(0, 0, (1,)),))  # and all is drawn again, as hot and as cold
        pictures.append(drawn(generation))
    np.testing.assert_array_equal(pictures[0], pictures[2])
    np.testing.assert_array_equal(pictures[1], pictures[3])
    assert len(made) == 3


def test_to_decode_otherwise_on_the_way_keeps_what_is_there(
    model: AutoregressiveModel, made: Made
) -> None:
    wanted = drawn(Generation(model, PLAIN))
    for first, second in ((PLAIN, BY_GRAPH), (BY_GRAPH, PLAIN)):
        generation = Generation(model, first)
        generation.step(5)
        generation.set_options(second)
        assert generation.position == 5
        np.testing.assert_array_equal(drawn(generation), wanted)


def test_it_stops_between_two_rows_when_asked_to(model: AutoregressiveModel, made: Made) -> None:
    generation = Generation(model, BY_GRAPH)
    generation.step(3)
    asked = iter([False, True])
    assert generation.step(9, lambda: next(asked)) == 3
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model, PLAIN)))


def test_after_a_row_that_failed_the_rows_are_captured_from_the_first(
    model: AutoregressiveModel, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    captured, calls = graphs.captured, iter(range(100))

    def fails_once(step, **given):
        if next(calls) == 2:
            step()  # its stepper stands behind the row then
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return captured(step, **given)

    monkeypatch.setattr(graph_decoding, "captured", fails_once)
    generation = Generation(model, BY_GRAPH)
    with pytest.raises(torch.OutOfMemoryError):
        drawn(generation)
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model, PLAIN)))
    assert len(made) == 1


def test_of_graphs_no_more_are_kept_than_are_soon_used_again(
    model: AutoregressiveModel, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_graph, "_MOST", 2)
    generation = Generation(model, BY_GRAPH)
    for temperature in (1.0, 0.5, 1.0, 0.3, 1.0, 0.5):
        generation.set_options(replace(BY_GRAPH, temperature=temperature, seed=9))
        generation.restart()
        generation.step(1)
    assert len(made) == 4, "0.5 was captured again, 1.0 was not"


@pytest.mark.parametrize("method", ["smc", "clamp"])
def test_where_nothing_can_be_captured_the_same_is_drawn_without(
    model: AutoregressiveModel, made: Made, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    if method == "clamp":  # on a device that captures none
        monkeypatch.setattr("studio.engine.generation.decoders.CAPTURE_ON", ("cuda",))
    evidence = some_evidence(model, rows_known(model, 2))
    pictures = [
        drawn(Generation(model, replace(options, method=method), evidence))
        for options in (BY_GRAPH, PLAIN)
    ]
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert not made


def test_where_capturing_takes_long_it_is_drawn_site_by_site_until_that_is_done(
    model: AutoregressiveModel,
) -> None:
    generation, plain = Generation(model, BY_GRAPH), Generation(model, PLAIN)
    assert not generation.prepared()
    assert generation.step() == 1
    assert generation.recorded == 1, "site by site"
    asked = iter([False, True])
    assert generation.prepare(lambda: next(asked)), "a row is, and the rest is not"
    generation.step()
    assert generation.recorded == 2, "site by site still"
    assert not generation.prepare()
    assert generation.prepared()
    generation.step()
    assert generation.recorded == 3, "up to the end of the row"
    generation.step()
    assert (generation.position, generation.recorded) == (4, 6), "a row at once"
    np.testing.assert_array_equal(drawn(generation), drawn(plain))
    np.testing.assert_allclose(generation.nats, plain.nats, atol=1e-4)
    generation.set_options(replace(BY_GRAPH, temperature=0.5))
    assert not generation.prepared()
    generation.set_options(PLAIN)
    assert generation.prepared(), "nothing is asked for"


def test_what_is_not_captured_of_a_drawing_is_drawn_site_by_site(
    model: AutoregressiveModel,
) -> None:
    pictures = []
    for options in (BY_GRAPH, PLAIN):
        generation = Generation(model, options)
        generation.prepare()
        generation.step(4)
        generation.set_options(replace(options, temperature=2.0))
        drawn(generation)
        generation.set_changes((Change(0, 0, (1,)),))  # and all is drawn again, as it was sampled
        assert generation.step(12) == 12
        pictures.append(generation.values)
    np.testing.assert_array_equal(pictures[0], pictures[1])


def test_what_cannot_be_captured_says_so_and_is_drawn_site_by_site(
    model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(step, **given):
        raise graphs.UncapturableError("A step that waits cannot be captured: aten::item.")

    monkeypatch.setattr(graph_decoding, "captured", refuses)
    generation = Generation(model, BY_GRAPH)
    with pytest.raises(graphs.UncapturableError):
        generation.prepare()
    np.testing.assert_array_equal(drawn(generation), drawn(Generation(model, PLAIN)))
