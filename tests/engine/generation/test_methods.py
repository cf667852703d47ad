"""A method of completion is one file: what it declares reaches engine, command and window."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.cli.commands import build_parser
from studio.engine.editing.evidence import Evidence
from studio.engine.generation.generation import Generation
from studio.engine.generation.methods import AUTO, Attempts, Method, choices, methods, own_order
from studio.engine.generation.population import Population, draw_noise
from studio.engine.generation.sampling_options import SamplingOptions
from tests.models.zoo import small


def test_every_method_says_in_a_sentence_what_it_does():
    for method in methods().values():
        assert method.title
        assert method.explanation
    assert next(iter(choices())) == AUTO, "the usual one is offered first"


def test_the_command_offers_every_method():
    shown = build_parser().parse_args(
        ["complete", "made", "--image", "a.png", "--method", "particles", "--out", "b.png"]
    )
    assert shown.method == "smc", "its name before version 0.4"


def test_a_method_of_ones_own_draws(monkeypatch: pytest.MonkeyPatch):
    """As many attempts as the particles have, of which the last one is shown, come what may."""
    begun = []

    class Last(Population):
        def chosen(self, position: int) -> Tensor:
            return self._first[:, 0] + self._shape[1] - 1

    def begin(
        count: int, particles: int, sites: int, draws: int, seed: int, device: torch.device
    ) -> tuple[Tensor, Attempts]:
        begun.append((count, particles))
        noise, resampling = draw_noise(count, particles, sites, draws, seed)
        return noise, Last(count, particles, resampling)

    method = Method("last", "Last", "The last attempt", own_order, begin=begin)
    monkeypatch.setitem(methods(), "last", method)
    model = small("pixelcnn")
    height, width = model.spec.space
    known = np.zeros((height, width), bool)
    known[height // 2 :] = True
    evidence = Evidence(np.ones((1, height, width), np.uint8), known)
    generation = Generation(model, SamplingOptions(count=2, method="last", particles=5), evidence)
    generation.step(generation.length)
    assert begun == [(2, 5)]
    assert (generation.values[:, :, known] == 1).all()
