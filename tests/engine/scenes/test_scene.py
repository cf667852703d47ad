"""`Scene`: what two of them have in common, and how one becomes another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.engine.editing.evidence import Evidence
from studio.engine.generation.stretches import Stretch
from studio.engine.scenes.scene import ModelReference, Scene


def with_evidence(level: int) -> Scene:
    values = np.full((1, 2, 2), level, np.uint8)
    return Scene(ModelReference("made"), evidence=Evidence(values, np.ones((2, 2), bool)))


def test_scenes_are_equal_where_their_documents_are():
    assert with_evidence(1) == with_evidence(1)
    assert with_evidence(1) != with_evidence(0)
    assert with_evidence(1) != "a scene"


def test_other_options_leave_the_rest():
    other = with_evidence(1).with_options(seed=5)
    assert other.options.seed == 5
    assert other.with_options(seed=0) == with_evidence(1)


def test_other_options_hold_from_the_beginning_on():
    begun = replace(with_evidence(1), earlier=(Stretch(1, (2.0, 0, 1.0)),))
    assert begun.with_options(temperature=0.5).earlier == ()
    assert begun.with_options(temperature=1.0).earlier == begun.earlier
