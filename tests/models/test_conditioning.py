"""Each kind of condition is read once: on the model's device, and "none" as a value of its own."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.interface import Classes, Map, Spectrogram

LIKE = torch.zeros(1, dtype=torch.float64)
KINDS = [Classes(3), Map(2), Spectrogram(5, hop=10)]


@pytest.mark.parametrize(
    ("kind", "nothing"),
    [
        (KINDS[0], torch.tensor([-1, -1])),
        (KINDS[1], torch.zeros(2, 2, 4, 3).double()),
        (KINDS[2], torch.zeros(2, 5, 0).double()),
    ],
)
def test_none_is_no_label_nothing_painted_and_no_frames(
    kind: Classes | Map | Spectrogram, nothing: Tensor
) -> None:
    found = kind.checked(None, 2, (4, 3), LIKE)
    assert found.dtype == nothing.dtype
    assert torch.equal(found, nothing)


@pytest.mark.parametrize(
    ("kind", "condition", "sentence"),
    [
        (KINDS[0], torch.zeros(3), r"on classes has shape \(2,\), not \(3,\)"),
        (KINDS[1], torch.zeros(2, 1, 4, 3), r"painting has shape \(2, 2, 4, 3\), not"),
        (KINDS[2], torch.zeros(2, 4, 9), r"spectrogram has shape \(2, 5, frames\), not"),
    ],
)
def test_another_shape_is_refused(
    kind: Classes | Map | Spectrogram, condition: Tensor, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        kind.checked(condition, 2, (4, 3), LIKE)


def test_classes_without_names_are_called_by_their_numbers() -> None:
    assert Classes(3).names == ("0", "1", "2")
    assert Classes(2, ("cat", "dog")).names == ("cat", "dog")
    assert Classes(3, ("cat", "dog")).names == ("cat", "dog", "2")
    assert Classes(1, ("cat", "dog")).names == ("cat",)
