"""A score by many processes is the score of one, to the last digit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import models
from models.interface import Model
from studio.engine.audio.rendering import as_audio_model
from studio.engine.data.audio_data import Sounds
from studio.engine.data.preparation import Preparation
from studio.engine.media.parts import Parts
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.shards import Shard
from studio.engine.scoring import evaluation, sound_scoring
from studio.engine.scoring.score_parts import ShardShare, opened, seconds_of
from studio.engine.scoring.scores import Score
from studio.engine.scoring.shares import Share
from tests.models.zoo import small_of_any_kind
from tests.thorough import thorough_only
from tests.tiny import CONFIGS, SIZE, squares

SLOW = ["made-any-order", "gated-pixelcnn-map", "autoencoder"]


@pytest.fixture(autouse=True)
def small_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "BATCH", 4)


def of_pictures(model: Model) -> Any:
    """What scores it, for a share: 20 pictures, black or white by chance."""
    images = torch.from_numpy(squares(20))[:, None] // 2
    prepared = Preparation.parse("dynamic")
    return lambda share: evaluation.evaluate_images(
        model, images, None, prepared, orders=2, completions=True, share=share
    )


def by_shards(folder: Path, score: Any, of: int = 3) -> list[Score | None]:
    shares = (ShardShare(folder=folder, asked={}, shard=Shard(n, of)) for n in range(1, of + 1))
    return [score(share) for share in shares]


@pytest.mark.parametrize(
    "name",
    ["ardm", *(pytest.param(name, marks=thorough_only) for name in SLOW)],
)
def test_three_shards_are_scored_as_one_process_is(tmp_path: Path, name: str) -> None:
    score = of_pictures(small_of_any_kind(name, (1, SIZE, SIZE), 2, **CONFIGS[name]))
    first, second, third = by_shards(tmp_path / "parts", score)
    assert (first, second) == (None, None), "others are missing"
    alone = score(Share())
    assert third is not None
    assert replace(third, seconds=0) == replace(alone, seconds=0)
    joined = score(ShardShare(folder=tmp_path / "parts"))
    assert replace(joined, seconds=0) == replace(alone, seconds=0)
    assert seconds_of(opened(tmp_path / "parts")) > 0


def test_a_vocoder_is_scored_in_shards_by_what_it_makes_again_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_scoring, "_REMADE", 0.02)
    upsampling = {"hop": 10, "upsampling": (5, 2), "mels": 6}
    config = {"sample_rate": 1000, "width": 4, "skip": 4, "dilations": (1, 2), **upsampling}
    model = as_audio_model(models.build("wavenet-mel", **config).eval())
    sounds = Sounds((*torch.randint(256, (3, 900), dtype=torch.uint8),), ("a", "b", "c"), None)

    def score(share: Share) -> Score | None:
        return sound_scoring.evaluate_sounds(model, sounds, remake=True, share=share)

    monkeypatch.setattr(sound_scoring, "_BATCH", 1)
    last, alone = by_shards(tmp_path / "parts", score, 2)[-1], score(Share())
    assert last is not None
    assert alone is not None
    assert last.figures == alone.figures
    assert "log_mel_distance" in last.figures


def test_a_unit_that_is_scored_is_not_scored_again(tmp_path: Path) -> None:
    scored: list[int] = []

    def score(unit: int, report: object) -> dict[str, float] | None:
        scored.append(unit)
        return None if unit == 3 and len(scored) < 5 else {"nats": float(unit), f"of {unit}": 1.0}

    share = ShardShare(folder=tmp_path / "parts", shard=Shard(1, 1))
    assert share.totals([1.0] * 5, score) is None, "it was cancelled"
    totals = share.totals([1.0] * 5, score)
    assert scored == [0, 1, 2, 3, 3, 4]
    assert totals == {"nats": 10.0, **{f"of {unit}": 1.0 for unit in range(5)}}


def test_what_is_no_number_stays_none(tmp_path: Path) -> None:
    share = ShardShare(folder=tmp_path / "parts", shard=Shard(1, 1))
    totals = share.totals([1.0], lambda unit, report: {"nats": np.inf, "bits": np.nan})
    assert totals is not None
    assert totals["nats"] == np.inf
    assert np.isnan(totals["bits"])


def test_what_cannot_be_added_up_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    ShardShare(folder=folder, shard=Shard(1, 2)).totals([1.0] * 4, lambda *_: {"nats": 1.0})
    whole = ShardShare(folder=folder)
    with pytest.raises(StudioError, match="run --shard 2/2 again"):
        whole.totals([1.0] * 4, lambda *_: None)
    ShardShare(folder=folder, shard=Shard(2, 2)).totals([1.0] * 4, lambda *_: {"nats": 1.0})
    with pytest.raises(StudioError, match="scored on other data"):
        whole.totals([1.0] * 5, lambda *_: None)
    parts = Parts.open(folder)
    parts.write(parts.part(0), {"sums": np.array('[{"nats": "much"}]')})
    with pytest.raises(StudioError, match="does not hold what the index says"):
        whole.totals([1.0] * 4, lambda *_: None)
    Parts(tmp_path / "others", "samples", {}, 1, 1, 1).begun()
    with pytest.raises(StudioError, match="no scores, but samples"):
        opened(tmp_path / "others")
