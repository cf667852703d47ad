"""A display counts where its server answers, not where a variable merely names one."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio import virtual_display
from studio.display import has_display


@pytest.fixture
def wayland(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a Wayland server that answers."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-3"))
        server.listen()
        yield {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-3"}


@pytest.fixture
def x_over_tcp(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The environment of an X server that answers over the network, as with ssh -X."""
    connect = socket.create_connection
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        monkeypatch.setattr(
            socket,
            "create_connection",
            lambda address, timeout: connect(("127.0.0.1", port), timeout),
        )
        yield {"DISPLAY": "localhost:10.0"}


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_mac_and_windows_always_have_one(platform):
    assert has_display({}, platform)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"DISPLAY": ""},
        {"DISPLAY": ":4321"},
        {"DISPLAY": "nonsense"},
        {"WAYLAND_DISPLAY": "no-such-socket"},
    ],
)
def test_a_server_that_does_not_answer_is_none(variables):
    assert not has_display(variables, "linux")


def test_a_wayland_server_counts(wayland):
    assert has_display(wayland, "linux")


def test_an_x_server_on_another_machine_counts(x_over_tcp):
    assert has_display(x_over_tcp, "linux")


def test_a_network_that_does_not_answer_is_none(monkeypatch):
    def silent(address: tuple[str, int], timeout: float) -> None:
        assert address == ("far-away", 6010)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    assert not has_display({"DISPLAY": "far-away:10.0"}, "linux")


def test_a_platform_chosen_for_qt_is_taken_as_it_is():
    assert has_display({"QT_QPA_PLATFORM": "offscreen"}, "linux")
    assert not has_display({"QT_QPA_PLATFORM": "xcb"}, "linux")


@pytest.mark.skipif(not virtual_display.available(), reason="there is no Xvfb on this machine")
def test_a_real_x_server_counts_until_it_is_gone(tmp_path):
    with virtual_display.virtual_display(tmp_path, window_manager=False) as variables:
        x_only = {"DISPLAY": variables["DISPLAY"]}
        assert has_display(x_only, "linux")
    assert not has_display(x_only, "linux")
