"""A name that is made here is a name of one file on every system."""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from studio.engine.runtime.file_names import file_name, free_name, last_part

ODD = [
    "a/b",
    "a\\b",
    "C:\\x",
    "what?",
    "a:b",
    "con",
    "COM1.txt",
    "lpt³",
    "x.",
    " x ",
    "",
    "..",
    "\x00",
]
ODD += ["x" * 300, "größe ☃", "a<b>|*"]


@pytest.mark.parametrize("text", ODD)
def test_every_text_becomes_one_part_of_a_path(text: str) -> None:
    name = file_name(text)
    for kind in (PureWindowsPath, PurePosixPath):
        assert kind(name).parts == (name,)
        assert kind("folder", f"{name}.png").stem == name
    assert not set(name) & set('<>:"/\\|?*\x00')
    assert 0 < len(name) <= 81
    assert name == name.strip(" .")


def test_what_means_a_device_to_windows_is_called_otherwise() -> None:
    assert [file_name(name) for name in ("con", "NUL", "aux.v2", "console")] == [
        "con-",
        "NUL-",
        "aux.v2-",
        "console",
    ]


def test_a_usual_name_stays() -> None:
    assert file_name("gated-pixelcnn 2.5, größer") == "gated-pixelcnn 2.5, größer"


def test_a_name_is_taken_in_capitals_or_not() -> None:
    assert free_name("Mine", ["mine", "MINE-2", "other"]) == "Mine-3"
    assert free_name("mine", []) == "mine"


@pytest.mark.parametrize(
    "path",
    [
        "C:\\Users\\Me\\digits.npz",
        "c:/data/digits.npz",
        "\\\\server\\share\\digits.npz",
        "/home/me/digits.npz",
        "digits.npz",
        "/Volumes/My Disk/digits.npz",
    ],
)
def test_the_name_of_a_file_is_found_in_paths_of_every_system(path: str) -> None:
    assert last_part(path) == "digits.npz"


def test_a_backslash_is_a_part_of_a_name_elsewhere() -> None:
    assert last_part("/home/me/odd\\name.npz") == "odd\\name.npz"
