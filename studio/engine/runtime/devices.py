"""Which processor computes: named by the person, or the best one that torch sees here."""

import platform
from pathlib import Path

import torch

from studio.engine.runtime.errors import StudioError

CHOICES = ("auto", "cpu", "cuda", "mps")


def pick(name: str = "auto") -> torch.device:
    """The device called `name`: auto, cpu, cuda, cuda:1 or mps;
    StudioError where torch does not see it."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda", torch.cuda.current_device())
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    kind, _, index = name.partition(":")
    if kind not in CHOICES[1:] or (":" in name and not (kind == "cuda" and index.isdecimal())):
        raise StudioError(f'"{name}" is not a device: choose auto, cpu, cuda, cuda:N or mps.')
    if kind == "cuda":
        if not torch.cuda.is_available():
            raise StudioError("CUDA was asked for, but torch sees no CUDA device here.")
        number, count = int(index or torch.cuda.current_device()), torch.cuda.device_count()
        if number >= count:
            raise StudioError(
                f"CUDA device {number} was asked for, but torch sees 0 to {count - 1} here."
            )
        return torch.device("cuda", number)
    if kind == "mps" and not torch.backends.mps.is_available():
        raise StudioError("MPS was asked for, but torch sees no Apple GPU here.")
    return torch.device(kind)


def supports_bf16(device: torch.device | str) -> bool:
    """Whether bfloat16 convolutions and products are native
    (and so faster than float32) on `device`."""
    device = torch.device(device)
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        try:
            return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
        except (AttributeError, RuntimeError):  # a build of torch without oneDNN
            return False
    return False


def listed() -> dict[str, str]:
    """What can be computed on here: the names that `pick` takes, and what a person calls each."""
    found = {"auto": "Automatic", "cpu": "Processor"}
    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            found[f"cuda:{number}"] = f"GPU {number}: {torch.cuda.get_device_name(number)}"
    if torch.backends.mps.is_available():
        found["mps"] = "Apple GPU"
    return found


def name_of(device: torch.device | str) -> str:
    """What it is, such as "NVIDIA H100, 79 GiB" or "Intel Xeon 8481C"."""
    device = torch.device(device)
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        return f"{properties.name}, {properties.total_memory / 2**30:.0f} GiB"
    return "Apple GPU (MPS)" if device.type == "mps" else _processor()


def describe(device: torch.device | str) -> str:
    """One line for cards and reports, such as "NVIDIA H100,
    79 GiB" or "Intel Xeon 8481C, 2 threads"."""
    if torch.device(device).type != "cpu":
        return name_of(device)
    threads = torch.get_num_threads()
    return f"{_processor()}, {threads} thread{'' if threads == 1 else 's'}"


def wait_for(device: torch.device) -> None:
    """Until it has done all that it was told: before a clock is read."""
    if device.type == "cuda":
        # not for the device: that would spoil what another thread captures just then
        torch.cuda.current_stream(device).synchronize()
    elif device.type == "mps":
        torch.mps.synchronize()


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass  # not Linux
    return platform.processor() or platform.machine() or "CPU"
