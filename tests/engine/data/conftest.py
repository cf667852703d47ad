"""Pictures and labels of chance."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture
def pictures() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (20, 6, 5), dtype=np.uint8)


@pytest.fixture
def labels() -> NDArray[np.uint8]:
    return np.arange(20, dtype=np.uint8) % 4
