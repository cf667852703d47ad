"""Likelihoods: proper distributions whose samples follow them, whatever the parameters."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor

from models.likelihoods import (
    Bernoulli,
    Categorical,
    DiscretizedLogisticMixture,
    Likelihood,
    for_levels,
    inverse_cdf,
    truncated_softmax,
)


def drawn(likelihood: Likelihood, rows: int, seed: int = 1, size: float = 1.0) -> Tensor:
    """Random parameters (rows, P)."""
    return (
        torch.randn(rows, likelihood.parameters, generator=torch.Generator().manual_seed(seed))
        * size
    )


MIXTURE = DiscretizedLogisticMixture(5, 1, 3)

LIKELIHOODS = {
    "bernoulli": (Bernoulli(), torch.tensor([0.7])),
    "bernoulli of 3 channels": (Bernoulli(3), torch.tensor([0.7, -2.0, 0.0])),
    "categorical": (Categorical(5), torch.tensor([0.1, -1.0, 2.0, 0.4, -0.3])),
    "categorical of 2 channels": (Categorical(3, 2), torch.tensor([0.0, 1.0, -1.0, 2.0, 0.5, 0.0])),
    "mixture": (MIXTURE, drawn(MIXTURE, 1)[0]),
}
# 0.999 quantiles of the chi-square distribution by degrees of freedom (a table; scipy is no
# dependency)
CHI_SQUARE = {1: 10.83, 2: 13.82, 3: 16.27, 4: 18.47}


@pytest.mark.parametrize("kind", LIKELIHOODS)
@pytest.mark.parametrize(
    "settings", [{}, {"temperature": 0.5}, {"top_k": 2}, {"top_p": 0.8}, {"top_k": 2, "top_p": 0.6}]
)
def test_samples_follow_the_probabilities(kind: str, settings: dict[str, float]) -> None:
    likelihood, params = LIKELIHOODS[kind]
    draws = 20_000
    noise = torch.rand(draws, likelihood.draws, generator=torch.Generator().manual_seed(3))
    values = likelihood.sample(params.expand(draws, -1), noise, **settings)  # type: ignore[arg-type]
    assert values.shape == (draws, likelihood.channels)
    assert values.dtype == torch.int64
    probabilities = likelihood.probabilities(params, **settings)  # type: ignore[arg-type]
    for channel in range(likelihood.channels):
        counts = torch.bincount(values[:, channel], minlength=likelihood.levels).double()
        expected = probabilities[channel].double() * draws
        possible = expected > 0
        assert counts[~possible].sum() == 0
        if possible.sum() > 1:
            statistic = ((counts - expected)[possible].square() / expected[possible]).sum()
            assert statistic < CHI_SQUARE[int(possible.sum()) - 1]


WIDE = {
    "2": Bernoulli(2),
    "2 of 2": Categorical(2),
    "256 of 3": Categorical(256, 3),
    "mixture of 2": DiscretizedLogisticMixture(2),
    "mixture of 256 of 3": DiscretizedLogisticMixture(256, 3),
}


@pytest.mark.parametrize("likelihood", WIDE.values(), ids=WIDE)
@pytest.mark.parametrize("size", [0.0, 1.0, 30.0, 80.0, 1e4])
def test_the_probabilities_of_all_levels_sum_to_one_however_large_the_parameters(
    likelihood: Likelihood, size: float
) -> None:
    params = drawn(likelihood, 50, size=size)
    probabilities = likelihood.probabilities(params)
    assert probabilities.shape == (50, likelihood.channels, likelihood.levels)
    torch.testing.assert_close(
        probabilities.sum(-1), torch.ones(50, likelihood.channels), rtol=0, atol=1e-5
    )
    assert likelihood.entropy(params).isfinite().all()


@pytest.mark.parametrize("kind", LIKELIHOODS)
def test_log_prob_and_entropy_are_those_of_the_probabilities(kind: str) -> None:
    likelihood, params = LIKELIHOODS[kind]
    p = likelihood.probabilities(params)
    for level in range(likelihood.levels):
        values = torch.full((likelihood.channels,), level)
        torch.testing.assert_close(likelihood.log_prob(params, values), p[:, level].log().sum())
    torch.testing.assert_close(likelihood.entropy(params), -(p * p.log()).sum())


def test_bernoulli_and_a_categorical_of_two_levels_draw_the_same_from_the_same_noise() -> None:
    logits = torch.linspace(-6, 6, 101)[:, None]
    two = torch.cat([torch.zeros_like(logits), logits], 1)
    noise = torch.rand(101, 1, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(Bernoulli().probabilities(logits), Categorical(2).probabilities(two))
    assert torch.equal(Bernoulli().sample(logits, noise), Categorical(2).sample(two, noise))


def test_the_usual_likelihood_depends_on_the_levels() -> None:
    assert isinstance(for_levels(2), Bernoulli)
    assert isinstance(for_levels(3), Categorical)


@pytest.mark.parametrize("noise", [0.0, 0.5, 1 - 2**-24])
def test_a_level_of_probability_zero_is_never_drawn(noise: float) -> None:
    p = torch.tensor([0.0, 0.25, 0.0, 0.75, 0.0])
    assert inverse_cdf(p, torch.tensor(noise)).item() in (1, 3)


def test_temperature_zero_takes_the_most_probable_level() -> None:
    logits = torch.tensor([[0.1, 3.0, 2.9], [5.0, -1.0, 0.0]])
    assert truncated_softmax(logits, temperature=0).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert Bernoulli().sample(
        torch.tensor([[0.1], [-0.1]]), torch.rand(2, 1), temperature=0
    ).tolist() == [[1], [0]]


def test_top_k_keeps_the_k_most_probable_levels_even_where_they_tie() -> None:
    p = truncated_softmax(torch.tensor([1.0, 1.0, 1.0, 0.0]), top_k=2)
    assert (p > 0).sum() == 2
    assert p.sum().item() == pytest.approx(1)


def test_top_p_keeps_the_smallest_set_that_reaches_it_and_always_the_first() -> None:
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    assert (truncated_softmax(logits, top_p=0.6) > 0).tolist() == [True, True, False, False]
    assert truncated_softmax(logits, top_p=1e-9).tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"),
    [(-1, 0, 1), (1, -1, 1), (1, 0, 0), (1, 0, 1.1), (1, 0, math.nan)],
)
def test_settings_out_of_range_are_refused(temperature: float, top_k: int, top_p: float) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        truncated_softmax(torch.zeros(3), temperature, top_k, top_p)


def test_noise_decides_alone() -> None:
    params: Tensor = torch.randn(64, 8, generator=torch.Generator().manual_seed(0))
    noise = torch.rand(64, 1, generator=torch.Generator().manual_seed(1))
    first = Categorical(8).sample(params, noise)
    torch.manual_seed(99)
    assert torch.equal(Categorical(8).sample(params, noise), first)


# ---- the mixture of logistics --------------------------------------------------------------------


def by_brute_force(
    likelihood: DiscretizedLogisticMixture, params: Tensor, values: Tensor
) -> Tensor:
    """Probabilities (rows,) as section 2 of the paper writes them, in float64: differences of
    distribution functions on -1..1, one component, row and channel after the other. Exact where
    neither difference is nearly 0."""
    K, C, half = likelihood.mixtures, likelihood.channels, 1 / (likelihood.levels - 1)
    found = []
    for numbers, levels in zip(params.double(), values, strict=True):
        weights, means, scales, factors = numbers.split([K, C * K, C * K, C * (C - 1) // 2 * K])
        x = levels.double() * 2 * half - 1
        total = 0.0
        for k in range(K):
            p = weights.softmax(0)[k].item()
            pairs = iter(factors[k::K].tolist())
            for c in range(C):
                mean = means[c * K + k].item() + sum(
                    math.tanh(next(pairs)) * x[d].item() for d in range(c)
                )
                scale = math.exp(min(max(scales[c * K + k].item(), -7.0), 7.0))
                upper = math.inf if levels[c] == likelihood.levels - 1 else x[c].item() + half
                lower = -math.inf if levels[c] == 0 else x[c].item() - half
                p *= logistic((upper - mean) / scale) - logistic((lower - mean) / scale)
            total += p
        found.append(total)
    return torch.tensor(found, dtype=torch.float64)


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


@pytest.mark.parametrize(("levels", "channels"), [(2, 1), (256, 1), (256, 3), (4, 3), (7, 4)])
def test_the_mixture_has_the_probabilities_of_the_paper(levels: int, channels: int) -> None:
    likelihood = DiscretizedLogisticMixture(levels, channels, 4)
    params = drawn(likelihood, 40)
    values = torch.randint(levels, (40, channels), generator=torch.Generator().manual_seed(2))
    values[:8], values[8:16] = 0, levels - 1  # the open ends
    expected = by_brute_force(likelihood, params, values).log()
    torch.testing.assert_close(
        likelihood.log_prob(params.double(), values), expected, rtol=0, atol=1e-8
    )
    torch.testing.assert_close(
        likelihood.log_prob(params, values).double(), expected, rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("size", [0.0, 1.0, 10.0, 1e4])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_joint_probabilities_of_a_pixel_sum_to_one(channels: int, size: float) -> None:
    likelihood = DiscretizedLogisticMixture(4, channels, 3)
    everything = torch.tensor(list(itertools.product(range(4), repeat=channels)))
    for params in drawn(likelihood, 10, size=size).double():
        joint = likelihood.log_prob(params.expand(len(everything), -1), everything).exp()
        assert joint.sum().item() == pytest.approx(1, abs=1e-12)


def test_the_levels_share_out_all_of_the_mass_before_any_normalising() -> None:
    likelihood = DiscretizedLogisticMixture(256)
    for size in (0.0, 1.0, 30.0, 1e4):
        mass = likelihood.logits(drawn(likelihood, 50, size=size)).exp().sum(-1)
        torch.testing.assert_close(mass, torch.ones(50, 1), rtol=0, atol=1e-5)


def test_the_probability_of_a_pixel_is_the_product_of_its_conditionals() -> None:
    likelihood = DiscretizedLogisticMixture(9, 3, 4)
    params = drawn(likelihood, 20).double()
    values = torch.randint(9, (20, 3), generator=torch.Generator().manual_seed(2))
    rows = likelihood.probabilities(params, values=values)
    product = rows.gather(-1, values.unsqueeze(-1)).log().sum((1, 2))
    torch.testing.assert_close(likelihood.log_prob(params, values), product)


def test_without_values_a_channel_is_given_the_most_probable_levels_before_it() -> None:
    likelihood = DiscretizedLogisticMixture(9, 3, 4)
    params = drawn(likelihood, 20)
    rows = likelihood.probabilities(params)
    torch.testing.assert_close(likelihood.probabilities(params, values=rows.argmax(-1)), rows)
    assert torch.equal(likelihood.sample(params, torch.rand(20, 3), temperature=0), rows.argmax(-1))


@pytest.mark.parametrize("settings", [{}, {"temperature": 0.5}, {"top_k": 2}, {"top_p": 0.8}])
def test_colours_follow_their_conditionals_given_the_colours_drawn_before(
    settings: dict[str, float],
) -> None:
    likelihood, draws = DiscretizedLogisticMixture(3, 3, 2), 20_000
    params = drawn(likelihood, 1, seed=4)
    noise = torch.rand(draws, 3, generator=torch.Generator().manual_seed(3))
    values = likelihood.sample(params.expand(draws, -1), noise, **settings)  # type: ignore[arg-type]
    for before in itertools.product(range(3), repeat=2):
        given = torch.tensor([[*before, 0]])
        rows = likelihood.probabilities(params, values=given, **settings)[0]  # type: ignore[arg-type]
        for channel in range(3):
            like = values[(values[:, :channel] == given[:, :channel]).all(1), channel]
            counts, expected = torch.bincount(like, minlength=3), rows[channel] * len(like)
            assert counts[expected == 0].sum() == 0
            possible = expected > 5  # of what is rarer, chi-square says little
            if possible.sum() > 1:
                statistic = ((counts - expected)[possible].square() / expected[possible]).sum()
                assert statistic < CHI_SQUARE[int(possible.sum())]


@pytest.mark.parametrize("levels", [2, 3, 5, 17, 255, 256])
def test_searching_finds_the_level_that_the_whole_table_says(levels: int) -> None:
    likelihood = DiscretizedLogisticMixture(levels, 3)
    params = torch.cat(
        [drawn(likelihood, 200, size=size) for size in (0.3, 1.0, 3.0, 10.0)]
    ).double()
    noise = torch.rand(
        len(params), 3, generator=torch.Generator().manual_seed(3), dtype=torch.float64
    )
    found = likelihood.sample(params, noise)
    table = likelihood.probabilities(params, values=found)
    assert torch.equal(found, inverse_cdf(table, noise))


@pytest.mark.parametrize("noise", [0.0, 1 - 2**-24])
def test_noise_at_its_edges_stays_among_the_levels_that_can_be(noise: float) -> None:
    likelihood = DiscretizedLogisticMixture(256, 1, 2)
    narrow = torch.tensor([0.0, 0.0, 0.3, 0.3, -7.0, -7.0])  # all of the mass about level 166
    # exp(-104) is the least there is
    assert abs(likelihood.sample(narrow, torch.tensor([noise])).item() - 165.75) < 13


def test_entropy_is_that_of_the_conditionals() -> None:
    likelihood = DiscretizedLogisticMixture(256, 3)
    for size in (0.0, 1.0, 3.0):
        params = drawn(likelihood, 50, size=size).double()
        p = likelihood.probabilities(params)
        torch.testing.assert_close(likelihood.entropy(params), -torch.xlogy(p, p).sum((1, 2)))


def test_learning_does_not_break_down_however_unlikely_the_values() -> None:
    likelihood = DiscretizedLogisticMixture(256, 3)
    for size in (0.0, 1.0, 30.0, 1e4):
        params = drawn(likelihood, 50, size=size).requires_grad_()
        for level in (0, 128, 255):
            log_p = likelihood.log_prob(params, torch.full((50, 3), level))
            assert log_p.isfinite().all()
            (gradient,) = torch.autograd.grad(log_p.sum(), params)
            assert gradient.isfinite().all()


def test_the_mixture_begins_near_an_even_spread() -> None:
    likelihood = DiscretizedLogisticMixture(256, 1, 10)
    assert likelihood.entropy(likelihood.beginning()) > 0.9 * math.log(256)
