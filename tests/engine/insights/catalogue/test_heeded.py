"""Which of the given pixels are heeded."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.engine.generation.sampling_options import SamplingOptions
from studio.engine.insights import Answer, insights
from tests.engine.insights.questions import part
from tests.models.zoo import small

_CLAMP = SamplingOptions(method="clamp")


def heeded(model: Any, question: Any) -> Answer:
    return insights()["heeded"].ask(model, question)


def rows(*wanted: int) -> np.ndarray:
    given = np.zeros((7, 6), bool)
    given[[*wanted]] = True
    return given


def test_clamping_heeds_what_comes_before_in_the_order() -> None:
    model = small("made")
    answer = heeded(model, part(model, 6, given=rows(0, 6), options=_CLAMP, site=20))
    assert answer.maps[0].values[0].tolist() == [1] * 6
    assert answer.maps[0].values[6].tolist() == [0] * 6
    assert np.isnan(answer.maps[0].values[1:6]).all()
    assert answer.sentence == "6 of 12 given pixels are heeded here; 6 come later in the order."


def test_what_is_out_of_reach_is_not_heeded() -> None:
    model = small("pixelcnn", blocks=1, kernel=3)
    answer = heeded(model, part(model, 6, given=rows(0), options=_CLAMP, site=40))
    seen = model.dependencies()[40, :6].numpy()
    assert not seen.all()
    assert answer.maps[0].values[0].astype(bool).tolist() == seen.tolist()
    assert "out of the network's reach" in answer.sentence


def test_attempts_that_compete_take_account_of_all() -> None:
    model = small("made")
    smc = SamplingOptions(method="smc")
    answer = heeded(model, part(model, 6, given=rows(0, 6), options=smc, site=20))
    assert answer.arrays["taken_account_of"][rows(0, 6)].min() == 1
    assert answer.arrays["shown_to_the_network"][6].max() == 0
    assert 0 < answer.maps[0].values[6, 0] < answer.maps[0].values[0, 0]
    assert answer.sentence.startswith("All 12 given pixels count here")


def test_where_all_is_drawn_at_once_no_attempts_compete() -> None:
    model = small("made")
    parallel = SamplingOptions(decode="parallel")
    answer = heeded(model, part(model, 6, given=rows(0, 6), options=parallel, site=20))
    assert answer.sentence == "6 of 12 given pixels are heeded here; 6 come later in the order."


def test_a_model_that_is_conditioned_on_the_painting_heeds_all_of_it() -> None:
    model = small("gated-pixelcnn-map")
    answer = heeded(model, part(model, 0, given=rows(6), site=0))
    assert answer.maps[0].values[6].min() == 1
    assert answer.sentence == "All 6 given pixels are heeded here."


def test_a_model_of_any_order_heeds_all_of_it() -> None:
    model = small("made-any-order")
    assert heeded(model, part(model, 0, given=rows(6), site=0)).maps[0].values[6].min() == 1


def test_of_all_unknown_pixels_it_is_the_share_that_heeds_a_given_one() -> None:
    model = small("made")
    given = rows(0, 3)
    question = part(model, 6, given=given, options=_CLAMP, chosen={"Drawn": 1})
    values = heeded(model, question).maps[0].values
    assert values[0].tolist() == [1] * 6
    assert np.allclose(values[3], 18 / 30)  # of the unknown pixels, those below


def test_without_a_pixel_it_is_about_the_next_one() -> None:
    model = small("made")
    assert heeded(model, part(model, 9, given=rows(0), options=_CLAMP)).site == 9


def test_nothing_given_is_said() -> None:
    model = small("made")
    assert heeded(model, part(model, 3)).sentence.startswith("Nothing is given")


def test_a_given_pixel_is_not_drawn() -> None:
    model = small("made")
    answer = heeded(model, part(model, 3, given=rows(0), site=2))
    assert answer.sentence == "This pixel is given: point at another one."


def test_sound_is_refused_in_a_sentence() -> None:
    import models

    refusal = insights()["heeded"].refusal
    assert refusal(models.build("wavenet")).endswith("all of it is heeded.")  # type: ignore[arg-type]
    assert refusal(small("made")) == ""
