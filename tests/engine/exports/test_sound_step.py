"""The step for sound gives what the parallel pass gives, at every sample."""

from __future__ import annotations

import torch

import models
from models.interface import AudioModel
from studio.engine.exports.sound_step import SoundStep


def test_it_gives_what_the_pass_gives_with_and_without_a_condition() -> None:
    torch.manual_seed(0)
    model = models.build("wavenet", width=4, skip=4, levels=8, dilations=(1, 2, 4), classes=2)
    assert isinstance(model, AudioModel)
    with torch.no_grad():
        model.get_parameter("class_gates").normal_()
        x, label = torch.randint(8, (1, 1, 12)), torch.tensor([1])
        weights = model.compiled_network()
        assert weights is not None
        step = SoundStep(weights)
        for condition in (None, label):
            due = model.conditionals(x, condition)[0]
            added = weights.condition(condition, 0, 1)
            given = () if added is None else (added[:, 0],)
            state, before = step.begin(1), torch.tensor([8])
            for sample in range(12):
                parameters, *state = step(before, *given, *state)
                torch.testing.assert_close(parameters[0], due[sample], atol=1e-5, rtol=1e-5)
                before = x[0, :, sample]
