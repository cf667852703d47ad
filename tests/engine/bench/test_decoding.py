"""Parallel decoding beside the cached stepper and the naive loop: what is compared is the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from studio.engine.bench import decoding
from studio.engine.bench.drawing_speed import cached, naive
from studio.engine.generation.noise import noise_for
from studio.engine.runtime.errors import StudioError
from tests.models.zoo import small
from tests.tiny import tiny_checkpoint


def test_a_document_says_how_many_passes_there_were_and_that_the_pictures_are_the_same(
    tmp_path: Path,
) -> None:
    path = str(tiny_checkpoint(tmp_path))
    told: list[str] = []
    document = decoding.run([path], quick=True, show=told.append)
    assert json.loads(json.dumps(document)) == document
    rows = document["decode"][path]
    assert [row["batch"] for row in rows] == [1, 4]
    for row in rows:
        assert row["identical"]
        assert 1 < row["passes"] < row["sites"] == 64
        assert min(row[f"{way}_seconds"] for way in ("parallel", "cached", "naive")) > 0
    assert len(told) == 2
    assert all(line in decoding.as_text(document) for line in (told[0].split(", ", 1)[1], path))


def test_all_three_ways_draw_the_same() -> None:
    model = small("pixelcnn", (3, 4, 4), 4)
    noise = noise_for(model, 3, seed=1)
    pictures, _ = decoding.parallel(model, noise)
    assert torch.equal(pictures, naive(model, noise))
    assert torch.equal(pictures, cached(model, noise))


def test_a_model_that_cannot_be_decoded_so_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="choose fewer steps instead"):
        decoding.run([str(tiny_checkpoint(tmp_path, "ardm"))])
