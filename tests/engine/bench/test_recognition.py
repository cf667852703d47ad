"""How much of what is drawn is recognised: one figure beside that of real pictures, and of models
that take a class another one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from models.interface import AutoregressiveModel
from studio.engine import checkpoints
from studio.engine.bench import completing
from studio.engine.bench.judge import Judge
from studio.engine.bench.recognition import Standard, as_text, measure, run
from studio.engine.generation.generation import as_autoregressive
from studio.engine.runtime.errors import StudioError
from tests.engine.bench.digits import SIZE, bars_file
from tests.tiny import tiny_checkpoint, tiny_voice


def learnt_from(folder: Path, name: str, **config: Any) -> Path:
    """A tiny checkpoint that has learnt from bars, as its card says."""
    data = str(bars_file(folder))
    return tiny_checkpoint(folder, name, config=config, data=data, preparation="thresholded")


@pytest.mark.usefixtures("user_data_folder")
def test_a_document_has_the_share_of_samples_and_of_real_ones_and_how_good_the_judge_is(
    tmp_path: Path,
) -> None:
    places = [str(learnt_from(tmp_path, name)) for name in ("pixelcnn", "gated-pixelcnn-class")]
    told: list[str] = []

    document = run(places, samples=6, quick=True, show=told.append)

    assert json.loads(json.dumps(document)) == document
    found = document["recognised"]
    (judge,) = found["judges"].values()
    assert judge["pictures"] == 30
    assert 0 < judge["accuracy"] <= 1
    plain, by_class = (found["models"][place] for place in places)
    for row in (plain, by_class):
        assert 0 <= row["recognised"] <= 1
        assert 0 <= row["real"]["recognised"] <= 1
    assert plain["as_asked"] is plain["real"]["as_asked"] is None
    assert by_class["real"]["as_asked"] == judge["accuracy"]
    assert len(told) == 3, "one judge is enough for both"
    text = as_text(document)
    assert all(place in text for place in places)
    assert f"finds the class of {judge['accuracy']:.1%} of 30 held-out pictures" in text


class First(nn.Module):
    """Finds class 0 in a picture without a white pixel, and is not sure of the others."""

    def forward(self, x: Tensor) -> Tensor:
        dark = (x < 0).flatten(1).all(1)
        return torch.stack([9.0 * dark, torch.zeros(len(x)), torch.zeros(len(x))], 1)


def standard(*named: int) -> Standard:
    held = torch.tensor([[0.95, 0.05, 0.0], [0.3, 0.4, 0.3], [0.0, 0.04, 0.96]])
    labels = torch.tensor([0, 1, 2])
    return Standard("bars", Judge(First(), 1.0, 0.0), held, labels, torch.tensor(named))


def test_the_class_of_all_others_does_not_count_as_recognised() -> None:
    everything, without = standard(0, 1, 2), standard(0, 1)
    assert everything.real(with_class=False)["recognised"] == pytest.approx(2 / 3)
    assert without.real(with_class=False)["recognised"] == pytest.approx(1 / 3)
    assert without.real(with_class=True) == {"recognised": 0.5, "as_asked": 1.0}


def test_the_named_classes_are_asked_for_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = as_autoregressive(checkpoints.load(learnt_from(tmp_path, "gated-pixelcnn-class")))
    asked: list[Any] = []

    def samples(
        model: AutoregressiveModel, count: int, condition: Tensor | None, steps: int
    ) -> Tensor:
        asked.append((count, condition, steps))
        return torch.zeros(count, 1, SIZE, SIZE, dtype=torch.uint8)

    monkeypatch.setattr(completing, "samples", samples)
    row = measure(model, standard(0, 2), 4)
    ((count, condition, steps),) = asked
    assert (count, condition.tolist(), steps) == (4, [0, 2, 0, 2], 0)
    assert (row["recognised"], row["as_asked"]) == (1.0, 0.5)


def test_of_a_model_of_two_stages_the_pictures_are_judged_and_not_the_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = as_autoregressive(checkpoints.load(tiny_checkpoint(tmp_path, "vq-prior", 16)))
    seen: list[tuple[tuple[int, ...], int]] = []

    def probabilities(judge: Judge, pictures: Tensor, levels: int) -> Tensor:
        seen.append((tuple(pictures.shape), levels))
        return torch.ones(len(pictures), 3) / 3

    monkeypatch.setattr(Judge, "probabilities", probabilities)
    measure(model, standard(0, 1, 2), 2)
    assert seen == [((2, *model.pictures.shape), model.pictures.levels)]


def test_what_makes_sound_or_has_no_classes_to_judge_by_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="makes sound"):
        run([str(tiny_voice(tmp_path))], quick=True)
    with pytest.raises(StudioError, match="no distribution over pictures"):
        run([str(tiny_checkpoint(tmp_path, "autoencoder"))], quick=True)


def test_of_all_models_those_that_cannot_be_judged_are_left_out_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "studio.engine.checkpoints.cards.shipped", lambda: {str(tiny_voice(tmp_path)): tmp_path}
    )
    document = run(quick=True)
    ((_, sentence),) = document["recognised"]["left_out"].items()
    assert "makes sound" in sentence
    assert sentence in as_text(document)
