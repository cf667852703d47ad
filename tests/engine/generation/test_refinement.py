"""Sequential Monte Carlo against a world that is listed: its estimates of the evidence are right on
average, its pictures are those of the model given the evidence, and a sweep leaves these alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.interface import AutoregressiveModel, Stepper
from studio.engine.generation.refinement import given_in, sweep
from studio.engine.runtime.jobs import Cancelled
from tests.engine.enumeration import SITES, Enumerated, misfit, nine_pixels
from tests.models.zoo import small

# the first site is given, and two that come later; the last one is not
GIVEN = (0, 4, 7)
VALUES = torch.tensor([[1, 0, 0, 0, 1, 0, 0, 0, 0]])


def known(*sites: int) -> Tensor:
    return torch.isin(torch.arange(SITES), torch.tensor(sites, dtype=torch.long))


def noise(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def of(count: int, values: Tensor = VALUES) -> Tensor:
    return values.expand(count, -1, -1)


@pytest.fixture(scope="module")
def model() -> AutoregressiveModel:
    return nine_pixels()


@pytest.fixture(scope="module")
def world(model: AutoregressiveModel) -> Enumerated:
    return Enumerated(model)


@pytest.mark.parametrize("given", [GIVEN, (8,), (0, 1, 5), (2, 3, 6, 8)])
def test_the_mean_of_many_estimates_is_the_probability_of_what_is_given(
    model: AutoregressiveModel, world: Enumerated, given: tuple[int, ...]
) -> None:
    estimates = sweep(model, of(2000), known(*given), 8, noise()).log_evidence.double()
    relative = (estimates - world.log_evidence(VALUES, known(*given))).exp()
    assert relative.std() > 0.01, "they differ"
    assert abs(relative.mean() - 1) < 3 * relative.std() / 2000**0.5


def test_a_class_counts_in_the_estimates() -> None:
    model = nine_pixels("gated-pixelcnn-class", 1.5, width=8, head=8, dilations=(1,))
    truth = [Enumerated(model, each).log_evidence(VALUES, known(*GIVEN)) for each in (2, 7)]
    assert abs(truth[0] - truth[1]) > 0.02
    for each, log_p in zip((2, 7), truth, strict=True):
        found = sweep(
            model, of(1500), known(*GIVEN), 4, noise(), condition=torch.full((1500,), each)
        )
        relative = (found.log_evidence.double() - log_p).exp()
        assert abs(relative.mean() - 1) < 3 * relative.std() / 1500**0.5


def test_with_many_particles_the_pictures_are_those_of_the_model_given_the_evidence(
    model: AutoregressiveModel, world: Enumerated
) -> None:
    found = sweep(model, of(1500), known(*GIVEN), 256, noise()).values
    assert (found[:, :, known(*GIVEN)] == VALUES[:, known(*GIVEN)]).all()
    assert misfit(found, world.conditional(VALUES, known(*GIVEN))) < 3


def test_a_sweep_leaves_samples_of_the_model_given_the_evidence_what_they_are(
    model: AutoregressiveModel, world: Enumerated
) -> None:
    exact = world.conditional(VALUES, known(*GIVEN))
    start = world.samples(VALUES, known(*GIVEN), 4000)
    swept = sweep(model, of(4000), known(*GIVEN), 3, noise(), retained=start).values
    moved = (swept != start).any(2).float().mean()
    assert 0.3 < moved < 1, "some are drawn anew, and some stay"
    assert misfit(swept, exact) < 3
    alone = sweep(model, of(4000), known(*GIVEN), 3, noise()).values
    assert misfit(alone, exact) > 5, "three particles by themselves are too few"


def test_sweeps_bring_pictures_from_elsewhere_to_the_model_given_the_evidence(
    model: AutoregressiveModel, world: Enumerated
) -> None:
    pictures, generator = of(3000), noise()
    for _ in range(12):
        pictures = sweep(model, of(3000), known(*GIVEN), 4, generator, retained=pictures).values
    assert misfit(pictures, world.conditional(VALUES, known(*GIVEN))) < 3


@pytest.mark.parametrize("given", [(), (0, 1, 2, 3), tuple(range(SITES))])
def test_what_is_given_before_anything_is_drawn_is_weighed_exactly(
    model: AutoregressiveModel, world: Enumerated, given: tuple[int, ...]
) -> None:
    found = sweep(model, of(5), known(*given), 16, noise())
    exact = world.log_evidence(VALUES, known(*given))
    torch.testing.assert_close(found.log_evidence.double(), torch.full((5,), exact).double())
    assert found.effective.tolist() == [16.0] * 5


@pytest.mark.parametrize("name", ["made-any-order", "ardm"])
def test_a_model_of_any_order_takes_what_is_given_first_and_is_exact(name: str) -> None:
    config = {"width": 8, "blocks": (1, 1, 1)} if name == "ardm" else {"hidden": 16}
    model = nine_pixels(name, 1.5, **config)
    order = given_in(model, known(*GIVEN)).order
    assert order.tolist() == [0, 4, 7, 1, 2, 3, 5, 6, 8]
    world = Enumerated(model, order=order)
    found = sweep(model, of(1500), known(*GIVEN), 4, noise())
    exact = world.log_evidence(VALUES, known(*GIVEN))
    assert found.log_evidence.double() == pytest.approx(exact, abs=1e-4)
    assert misfit(found.values, world.conditional(VALUES, known(*GIVEN))) < 3


@pytest.mark.parametrize("name", ["made", "ardm"])
def test_without_the_evidence_that_comes_first_the_pictures_are_the_same(name: str) -> None:
    model = nine_pixels(name, 1.5)
    given = known(*GIVEN)
    whole, rest = (
        sweep(model, of(70), given, 8, noise(), whole_evidence=whole) for whole in (True, False)
    )
    assert torch.equal(whole.values, rest.values)
    first = given_in(model, given).start
    order = given_in(model, given).order
    params = model.conditionals(VALUES.view(1, 1, 3, 3), None, order if model.any_order else None)
    at = VALUES[:, order].T[None]
    exact = model.likelihood.log_prob(params, at)[:, :first].sum(1)
    torch.testing.assert_close(whole.log_evidence - rest.log_evidence, exact.expand(70))


def test_a_picture_comes_out_the_same_however_many_are_completed_beside_it(
    model: AutoregressiveModel,
) -> None:
    few, many = (sweep(model, of(count), known(*GIVEN), 8, noise()) for count in (2, 6))
    assert torch.equal(few.values, many.values[:2])
    beside = (sweep(model, of(n), known(*GIVEN), 8, noise(), of(n)).values for n in (2, 6))
    first, second = beside
    assert torch.equal(first, second[:2])


def test_after_the_last_given_site_only_the_chosen_particle_goes_on(
    model: AutoregressiveModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    steppers: list[Stepper] = []
    batches: list[int] = []
    make = model.stepper

    def watched(*arguments: Tensor) -> Stepper:
        stepper = make(*arguments)  # type: ignore[arg-type]
        commit = stepper.commit

        def counted(values: Tensor) -> None:
            batches.append(len(values))
            commit(values)

        stepper.commit = counted  # type: ignore[method-assign]
        steppers.append(stepper)
        return stepper

    monkeypatch.setattr(model, "stepper", watched)
    sweep(model, of(3), known(0, 4), 10, noise())
    assert len(steppers) == 1
    assert batches == [30] * 4 + [3] * 4, "the first site is taken at once"


def test_it_ends_between_two_sites_when_asked_to(model: AutoregressiveModel) -> None:
    asked = iter([False] * 4 + [True])
    with pytest.raises(Cancelled):
        sweep(model, of(2), known(*GIVEN), 8, noise(), interrupted=lambda: next(asked))


@pytest.mark.parametrize("levels", [2, 3])
@pytest.mark.parametrize("given", [(0,), (8,), (0, 8)])
def test_what_the_model_finds_impossible_is_completed_all_the_same(
    levels: int, given: tuple[int, ...]
) -> None:
    model = small("pixelcnn", (1, 3, 3), levels, width=8, hidden=4, blocks=1, head=8)
    draw = model.likelihood.log_prob

    def never_white(params: Tensor, values: Tensor) -> Tensor:
        return draw(params, values).masked_fill(values[..., 0] == 1, -torch.inf)

    model.likelihood.log_prob = never_white  # type: ignore[method-assign]
    white = torch.ones(3, 1, SITES, dtype=torch.long)
    found = sweep(model, white, known(*given), 8, noise())
    assert (found.values[:, :, known(*given)] == 1).all()
    assert found.values.max() < levels
    assert torch.isfinite(found.log_evidence).all()
    assert (found.log_evidence < -5000).all()
