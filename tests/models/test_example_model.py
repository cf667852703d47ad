"""The model of the README is one of the zoo: every test of `test_zoo` holds for it."""

from __future__ import annotations

import pytest

import models
from tests import example_model
from tests.models import test_zoo

globals().update({key: test for key, test in vars(test_zoo).items() if key.startswith("test_")})

pytestmark = [
    pytest.mark.parametrize("name", ["nade"]),
    pytest.mark.usefixtures("registered"),
]


@pytest.fixture
def registered(own_models: None) -> None:
    models.register(*example_model.VARIANTS)
