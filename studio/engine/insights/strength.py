"""How strongly a conditional depends on what it can see: by the gradient at a picture, or a sound,
as it stands.

The strength of a site for the conditional p of another is the square root of the Fisher information
that p has of its value,

    sqrt( sum_k p_k (d log p_k / d x)^2 ),

with x on the scale 0..1 that networks are fed with, and of several channels the root of the sum of
their squares. To second order, a change of x by d changes p by strength^2 d^2 / 2 nats, as the
Kullback-Leibler divergence has it. Of inner layers, it is the length of the gradient of their
features. Sums over many levels or features are estimated by a few signs drawn at random, always the
same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.interface import AudioModel, Classes, OrderAgnosticModel, Spectrogram
from studio.engine.insights.between_levels import between_levels
from studio.engine.insights.conditionals import condition_of, order_of
from studio.engine.insights.question import Question
from studio.engine.insights.reach import features, layers
from studio.engine.insights.sound_field import begin

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel

_SIGNS = 4  # draws of them


def strength(
    model: AutoregressiveModel, question: Question, site: int, after: int = 0
) -> NDArray[np.float32] | None:
    """Of every site for the conditional of one, (N,), all by raster index; 0 where the gradient
    vanishes. None where the network reads levels in a way that no gradient passes.

    What is not there yet counts as level 0; of a model that predicts all unknown sites at once
    nothing but what is there is looked at.
    after: as in `reach.reach`.
    """
    values = torch.from_numpy(question.values)[None].to(model.device, model.dtype)
    x = values.requires_grad_()
    condition = condition_of(model, question, x)
    if 0 < after < len(layers(model)):
        weighed = torch.cat(features(model, x, condition, site, layers(model)[after - 1])).float()
    else:
        weighed = _weighed(model, _conditional(model, question, x, condition, site))
    return _lengths(weighed, x, model.spec.levels)


def sound_strength(
    model: AudioModel,
    codes: NDArray[np.uint8],
    condition: int | None = None,
    spectrogram: NDArray[np.float32] | None = None,
) -> NDArray[np.float32] | None:
    """Of the last samples for the one that comes next: of as many as the model looks back, or as
    there are, (R,), the last one last; None as for `strength`.

    codes: the samples so far, (n,); those before what `sound_field.begin` says need not be there.
    condition: a class, None for no label.
    spectrogram: (frames, mels) of a vocoder, from the first of the codes on, None for silence.
    """
    count = min(len(codes), model.receptive_field)
    if not count:
        return np.zeros(0, np.float32)
    start, given = begin(model, len(codes)), None
    if isinstance(model.conditioning, Spectrogram):
        if spectrogram is not None:
            hop = model.conditioning.hop
            stop = len(codes) // hop + model.frames_ahead + 1
            given = torch.from_numpy(spectrogram[start // hop : stop].T.copy())[None]
    elif isinstance(model.conditioning, Classes) and condition is not None:
        given = torch.tensor([condition])
    window = np.append(codes[start:], 0).astype(np.float32)  # the last one is not looked at
    x = torch.from_numpy(window)[None, None].to(model.device, model.dtype).requires_grad_()
    with between_levels():
        params = model.conditionals(x, given)[0, -1]
    found = _lengths(_weighed(model, params), x, model.spec.levels)
    return None if found is None else found[:-1][-count:]


def _conditional(
    model: AutoregressiveModel,
    question: Question,
    x: Tensor,
    condition: Tensor | None,
    site: int,
) -> Tensor:
    """The parameters of a site, (P,)."""
    with between_levels():
        if isinstance(model, OrderAgnosticModel):
            known = torch.from_numpy(question.there).clone()
            known.view(-1)[site] = False
            return model.predict(x, known[None].to(model.device), condition)[0, site]
        order = order_of(model, question)
        return model.conditionals(x, condition, order)[0, question.rank_of(site)]


def _weighed(model: AutoregressiveModel, params: Tensor) -> Tensor:
    """Numbers whose squared gradients add up to the Fisher information."""
    log_p = model.likelihood.logits(params.float()).log_softmax(-1)
    return (log_p * (log_p.detach() / 2).exp()).flatten()


def _lengths(numbers: Tensor, x: Tensor, levels: int) -> NDArray[np.float32] | None:
    """The length of the gradient of some numbers by each site of x, (N,); see `strength`."""
    if not numbers.requires_grad:
        return None
    draws, exactly = _SIGNS, len(numbers) <= _SIGNS
    if exactly:
        directions = torch.eye(len(numbers), dtype=numbers.dtype)
    else:
        generator = torch.Generator().manual_seed(0)
        drawn = torch.randint(2, (draws, len(numbers)), generator=generator)
        directions = 2 * drawn.to(numbers.dtype) - 1
    total: Tensor | None = None
    for direction in directions.to(numbers.device):
        (gradient,) = torch.autograd.grad(
            numbers, x, direction, retain_graph=True, allow_unused=True
        )
        if gradient is None:
            return None
        squares = gradient[0].double().square().sum(0).flatten()
        total = squares if total is None else total + squares
    assert total is not None
    mean = total if exactly else total / draws
    found = (mean.sqrt() * (levels - 1)).float().cpu().numpy()
    return cast("NDArray[np.float32]", found)
