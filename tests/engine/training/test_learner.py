"""One step of training: what is left to chance comes from the seed,
and the averaged weights follow."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from studio.engine.training.learner import Learner, seeded
from studio.engine.training.runs import Run
from studio.engine.training.trainer import Trainer
from tests.engine.trainings import SMALL, small_recipe, trained

ROWS = torch.arange(12)


def learner(stripes: Path, folder: Path, **changes: object) -> Learner:
    recipe = small_recipe("made-any-order", stripes, **changes)
    run = Run.create("made-any-order", folder / "run")
    config = SMALL["made-any-order"]
    return Trainer("made-any-order", recipe, config, run, torch.device("cpu")).learner


def test_the_same_seed_gives_the_same_weights_and_another_one_others(
    stripes: Path, tmp_path: Path
) -> None:
    weights = [
        load_file(
            trained("made", stripes, tmp_path / f"run-{number}", epochs=1, seed=seed).run.latest
        )
        for number, seed in enumerate((1, 1, 2))
    ]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not all(torch.equal(weights[0][name], weights[2][name]) for name in weights[0])


@pytest.mark.parametrize(("ema", "share"), [(0.999, 0.1), (0.05, 0.05)])
def test_the_average_follows_quickly_at_first_and_then_as_the_recipe_says(
    ema: float, share: float, stripes: Path, tmp_path: Path
) -> None:
    """share: how much of the old average is kept after the first step."""
    learning = learner(stripes, tmp_path, ema=ema)
    before = [p.clone() for p in learning.averaged.parameters()]
    learning.learn(ROWS)
    after = list(learning.model.parameters())
    assert not all(torch.equal(*pair) for pair in zip(before, after, strict=True))
    for old, new, average in zip(before, after, learning.averaged.parameters(), strict=True):
        torch.testing.assert_close(average, share * old + (1 - share) * new)


def test_what_was_kept_goes_on_with_the_same_step(stripes: Path, tmp_path: Path) -> None:
    one, other = (learner(stripes, tmp_path / name) for name in ("one", "other"))
    for _ in range(3):
        one.learn(ROWS)
    other.load_state({name: tensor.clone() for name, tensor in one.state().items()}, one.step)
    assert torch.equal(one.learn(ROWS), other.learn(ROWS))
    for name, tensor in one.state().items():
        assert torch.equal(tensor, other.state()[name]), name


def test_every_seed_and_number_has_noise_of_its_own() -> None:
    drawn = {
        float(torch.rand((), generator=seeded(seed, number)))
        for seed in range(10)
        for number in range(-1, 9)
    }
    assert len(drawn) == 100
    again = torch.rand((), generator=seeded(3, 4))
    assert torch.equal(again, torch.rand((), generator=seeded(3, 4)))
