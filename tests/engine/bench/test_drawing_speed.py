"""Benchmarks: what they compare is comparable, what
they count is right, and a document holds it all."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from models.interface import AutoregressiveModel, OrderAgnosticModel
from studio.engine.bench import drawing_speed
from studio.engine.generation.generation import Generation
from studio.engine.generation.noise import noise_for
from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.runtime.errors import StudioError
from tests.engine.shallow import shallow


def test_a_document_says_what_was_measured_where_and_how():
    document = drawing_speed.run(quick=True)
    assert json.loads(json.dumps(document)) == document
    assert document["threads"] == torch.get_num_threads()
    assert document["machine"]
    assert set(document["sampling"]) == set(document["player"]) == {"pixelcnn", "gated-pixelcnn"}
    for rows in document["sampling"].values():
        assert [row["batch"] for row in rows] == [1, 4]
        for row in rows:
            assert row["weights"] == "fresh weights"
            assert row["identical"]
            assert row["values_that_differ"] == 0
            assert row["naive_sites_timed"] == 4
            assert row["speedup"] == pytest.approx(row["naive_seconds"] / row["cached_seconds"])
            assert row["times_the_arithmetic"] > 0
            assert set(row["ways"]) == {"parallel", "graph"}
            captured = row["ways"]["graph"]
            assert captured["speedup"] == pytest.approx(row["cached_seconds"] / captured["seconds"])
            assert captured["values_that_differ"] == 0
            assert captured["capturing_seconds"] > 0
    for row in document["player"].values():
        assert row["share_of_bare"] == pytest.approx(
            row["player_sites_per_second"] / row["bare_sites_per_second"]
        )
    assert set(document["audio"]) == {"wavenet"}


def test_the_whole_naive_loop_is_run_for_one_picture(monkeypatch):
    monkeypatch.setattr(drawing_speed, "BATCHES", (1, 3))
    document = drawing_speed.run("made")
    assert set(document["sampling"]) == {"made"}
    alone, together = document["sampling"]["made"]
    assert (alone["naive_sites_timed"], together["naive_sites_timed"]) == (42, 16)
    assert alone["identical"]
    assert together["identical"]


@pytest.mark.parametrize("group", drawing_speed.GROUPS)
def test_one_group_can_be_measured_alone(group):
    document = drawing_speed.run(group, quick=True)
    assert [name for name in drawing_speed.GROUPS if name in document] == [group]


def test_a_benchmark_that_there_is_not_is_refused_in_a_sentence():
    with pytest.raises(
        StudioError,
        match=r'no benchmark "speed": choose one of sampling, player, audio, compl.*pixelcnn',
    ):
        drawing_speed.run("speed")


def test_a_person_reads_the_same_figures():
    document = drawing_speed.run(quick=True)
    text = drawing_speed.as_text(document)
    for name, (row, _) in document["sampling"].items():
        assert f"{name}, fresh weights" in text
        assert f"{row['speedup']:.0f} times as fast, the same pictures" in text
        assert (
            f"{name}: the player draws {document['player'][name]['player_sites_per_second']:,.0f}"
            in text
        )
    for name, row in document["audio"].items():
        assert f"{name}, fresh weights, 3 layers of 32 channels" in text
        assert f"{row['samples_per_second']:,.0f} samples a second" in text
        assert (
            f"{row['times_the_stepper']:.0f} times as fast as the stepper, the same codes" in text
        )


@pytest.mark.parametrize(
    "name", ["ardm", "made-any-order", "pixelcnn-plus-plus", "pixelsnail-zigzag"]
)
def test_cached_naive_and_generation_draw_the_same(name):
    model = shallow(name, (2, 4, 5), levels=3)
    noise = noise_for(model, 3, seed=4)
    pictures = drawing_speed.cached(model, noise)
    assert torch.equal(pictures, drawing_speed.naive(model, noise))
    generation = Generation(model, SamplingOptions(count=3, seed=4))
    generation.step(generation.length)
    np.testing.assert_array_equal(generation.values, pictures.numpy())


def test_a_stepper_that_draws_otherwise_is_found_out(monkeypatch):
    model = shallow("pixelcnn")
    original = model.stepper

    def wrong(*arguments):
        stepper = original(*arguments)
        conditional = stepper.conditional
        monkeypatch.setattr(
            stepper, "conditional", lambda: conditional() + 3 * (stepper.position == 17)
        )
        return stepper

    monkeypatch.setattr(model, "stepper", wrong)
    for quick in (True, False):
        row = drawing_speed.sampling(model, 8, peak=1e9, quick=quick)
        assert not row["identical"]
        assert row["values_that_differ"] > 0


def test_of_a_model_that_predicts_all_sites_a_pass_a_site_is_timed(monkeypatch):
    model, passes = shallow("ardm"), []
    assert isinstance(model, OrderAgnosticModel)
    predict = model._predict

    def counted(x, known, condition):
        passes.append(len(x))
        return predict(x, known, condition)

    monkeypatch.setattr(model, "_predict", counted)
    row = drawing_speed.sampling(model, 16, peak=1e9, quick=True)
    sites = len(model.order)
    assert row["identical"]
    assert row["naive_sites_timed"] == 4
    assert row["ways"] == {}
    # drawn twice by the stepper, and timed at a few sites
    assert 2 * sites < passes.count(16) < 3 * sites
    assert max(passes) < 128  # which all conditionals of all pictures would have been asked for


def weights_of(model: AutoregressiveModel) -> int:
    return sum(p.numel() for name, p in model.named_parameters() if "bias" not in name)


@pytest.mark.parametrize("name", ["pixelcnn", "pixelcnn-two-stack", "gated-pixelcnn"])
def test_convolutions_take_every_weight_at_every_pixel(name):
    model = shallow(name)
    assert drawing_speed.operations(model) == 2 * len(model.order) * weights_of(model)


def test_coarser_resolutions_take_their_weights_less_often():
    fine, both = (
        shallow("pixelcnn-plus-plus", blocks=blocks, width=8) for blocks in ((2,), (2, 2))
    )
    assert weights_of(both) > 2 * weights_of(fine)
    assert drawing_speed.operations(both) < 2 * drawing_speed.operations(fine)


def test_made_takes_every_weight_once_for_a_whole_picture():
    model = shallow("made", hidden=64)
    assert drawing_speed.operations(model) == 2 * weights_of(model)
