"""Colour maps are those that pyqtgraph has under the same names."""

from __future__ import annotations

import numpy as np
import pyqtgraph
import pytest

from studio.engine.insights import insights
from studio.engine.media.colour_maps import colour_map
from studio.gui.sound.spectrogram_view import MAP

NAMES = sorted({MAP, "CET-D1", *(insight.colours for insight in insights().values())})


@pytest.mark.parametrize("name", NAMES)
def test_the_colours_are_those_of_pyqtgraph(name: str) -> None:
    table = pyqtgraph.colormap.get(name)
    assert table is not None
    red, green, blue = table.getLookupTable(nPts=256).astype(np.uint32).T
    np.testing.assert_array_equal(colour_map(name), 0xFF000000 | red << 16 | green << 8 | blue)
