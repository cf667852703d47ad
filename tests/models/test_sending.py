"""A tensor that is there already is not sent, and one that is sent is on the device."""

from __future__ import annotations

import torch

from models.sending import sent


def test_a_tensor_goes_to_the_device_and_stays_where_it_is_there() -> None:
    tensor = torch.arange(3)
    assert sent(tensor, torch.device("meta")).device.type == "meta"
    assert sent(tensor, torch.device("cpu")) is tensor
