"""The fastest decoder is measured once, kept as long as nothing that it depends on changes, and
taken where it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.interface import AutoregressiveModel
from studio.engine.generation import decoder_choice
from studio.engine.generation.decoder_choice import choose, decoder_for, known, measured
from studio.engine.generation.decoders import GRAPH, PARALLEL, SEQUENTIAL
from studio.engine.generation.sampling_options import SamplingOptions
from tests.models.zoo import small

WEIGHTS = "sha256:0"
OPTIONS = SamplingOptions(count=2)


@pytest.fixture
def model() -> AutoregressiveModel:
    return small("pixelcnn", (1, 4, 4), levels=4, width=8, hidden=4, blocks=1, head=8)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(decoder_choice, "folder", lambda: tmp_path / "decoders")
    return tmp_path / "decoders"


def timed(seconds: dict[str, float | None]) -> dict[str, Callable[..., float | None]]:
    """As if each took so long."""

    def made(took: float | None) -> Callable[..., float | None]:
        return lambda *_: took

    return {name: made(took) for name, took in seconds.items()}


@pytest.fixture
def parallel_is_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    took = timed({SEQUENTIAL: 0.2, PARALLEL: 0.1, GRAPH: 0.15})
    monkeypatch.setattr(decoder_choice, "_MEASURED_BY", took)


def test_every_way_is_timed_and_draws_the_same(model: AutoregressiveModel) -> None:
    found = measured(model, 2)
    assert found is not None
    assert found.seconds.keys() == {SEQUENTIAL, PARALLEL, GRAPH}
    assert found.decoder == min(found.seconds, key=lambda name: found.seconds[name] or 9.0)
    assert set(found.differing.values()) == {0}
    assert found.batch == 1


def test_what_could_no_longer_win_is_given_up(
    model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways = {**decoder_choice._MEASURED_BY, **timed({SEQUENTIAL: 1e-9})}
    monkeypatch.setattr(decoder_choice, "_MEASURED_BY", ways)
    found = measured(model)
    assert found is not None
    assert found.seconds == {SEQUENTIAL: 1e-9, PARALLEL: None, GRAPH: None}
    assert found.decoder == SEQUENTIAL


@pytest.mark.usefixtures("parallel_is_faster")
def test_it_is_measured_once_and_known_from_then_on(
    model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert decoder_for(model, OPTIONS, WEIGHTS, given=False) == SEQUENTIAL
    found = choose(model, 2, WEIGHTS)
    monkeypatch.setattr(decoder_choice, "measured", lambda *_: pytest.fail("measured again"))
    assert choose(model, 2, WEIGHTS) == known(model, 3, WEIGHTS) == found
    assert decoder_for(model, OPTIONS, WEIGHTS, given=False) == PARALLEL


@pytest.mark.usefixtures("parallel_is_faster")
def test_other_weights_pictures_or_torch_are_another_matter(
    model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(model, 2, WEIGHTS)
    assert known(model, 2, "sha256:1") is None
    assert known(model, 4, WEIGHTS) is None
    monkeypatch.setattr(torch, "__version__", "0.0")
    assert known(model, 2, WEIGHTS) is None


@pytest.mark.usefixtures("parallel_is_faster")
def test_it_is_taken_only_where_it_comes_to_the_same(model: AutoregressiveModel) -> None:
    choose(model, 2, WEIGHTS)
    assert decoder_for(model, OPTIONS, WEIGHTS, given=True) == SEQUENTIAL
    smc = replace(OPTIONS, method="smc")
    assert decoder_for(model, smc, WEIGHTS, given=False) == SEQUENTIAL


@pytest.mark.usefixtures("parallel_is_faster")
@pytest.mark.parametrize("written", ["", "[]", '{"decoder": "sideways"}', "{"])
def test_what_cannot_be_read_is_as_if_it_were_not_there(
    model: AutoregressiveModel, folder: Path, written: str
) -> None:
    choose(model, 2, WEIGHTS)
    (kept,) = folder.iterdir()
    kept.write_text(written)
    assert known(model, 2, WEIGHTS) is None


def test_interrupted_nothing_is_kept(model: AutoregressiveModel, folder: Path) -> None:
    assert choose(model, 2, WEIGHTS, interrupted=lambda: True) is None
    assert not folder.exists()
