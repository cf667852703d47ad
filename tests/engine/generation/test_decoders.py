"""The ways to decode that are listed are those that there are."""

from __future__ import annotations

import pytest

from studio.engine.generation.decoders import DECODERS
from studio.engine.generation.sampling_options import SamplingOptions, check_options
from studio.engine.runtime.errors import StudioError
from tests.models.zoo import small


def test_every_way_that_is_listed_can_be_asked_for_and_no_other() -> None:
    model = small("made", hidden=16)
    for name in DECODERS:
        check_options(SamplingOptions(decode=name), model)
    with pytest.raises(StudioError, match=r"choose one of sequential, parallel\."):
        check_options(SamplingOptions(decode="sideways"), model)
