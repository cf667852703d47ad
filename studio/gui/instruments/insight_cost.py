"""`python -m studio.gui.instruments.insight_cost`: what every insight costs while 16 pictures are
drawn at full speed, again and again, and the pointer goes over one of them.

Each insight has a few stretches, with stretches without any between them: speed is a share of
these, as the machine is now. A timer of 16 ms notes how late it fires.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
from array import array
from typing import Any

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.demonstrations import FIRST
from studio.engine.insights import insights
from studio.gui.instruments.lateness import Lateness

COUNT = 16
_EVERY = 40  # ms between two sites that the pointer comes to


def main(arguments: list[str] | None = None) -> int:
    """Prints a line for each insight, or with --json one document; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m studio.gui.instruments.insight_cost", description=__doc__
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=6.0, help="of each stretch")
    parser.add_argument("--rounds", type=int, default=2, help="stretches of each insight")
    parser.add_argument("--checkpoint", default=FIRST)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these insights")
    chosen = parser.parse_args(arguments)
    found = measure(chosen.checkpoint, chosen.seconds, chosen.rounds, chosen.only)
    if chosen.json:
        print(json.dumps(found, indent=2))
        return 0
    print(f"{'late by, ms':<24}{'median':>9}{'95 %':>9}{'most':>9}{'speed':>9}")
    for name, each in found.items():
        late = "".join(f"{each[key]:>9.1f}" for key in ("median", "p95", "max"))
        print(f"  {name:<22}{late}{each['share']:>8.0%}  {each['refused']}")
    return 0


def measure(
    checkpoint: str, seconds: float, rounds: int, only: list[str] | None = None
) -> dict[str, dict[str, Any]]:
    """By insight, "none" among them: lateness in ms, and the speed as a share of that without."""
    from studio.gui.shell.app import application, prompt

    with prompt(application()):
        return _measured(checkpoint, seconds, rounds, only)


def _measured(
    checkpoint: str, seconds: float, rounds: int, only: list[str] | None
) -> dict[str, dict[str, Any]]:
    from studio.gui.instruments.screenshot import settle, wait_for
    from studio.gui.shell.main_window import MainWindow

    window = MainWindow(checkpoint)
    window.show()
    wait_for(lambda: window.session.latest is not None)
    window.show_stage()
    stage, drawing, late = window.drawing_page.stage, window.drawing_page.drawing, Lateness()
    sites = [0, 0]  # drawn in this stretch, and where the last snapshot stood

    def count(snapshot: Any) -> None:
        sites[0] += max(0, snapshot.position - sites[1])
        sites[1] = snapshot.position
        if snapshot.position == snapshot.length:
            sites[1] = 0
            drawing.play()

    steps = itertools.count()

    def wander() -> None:
        step, rect = next(steps), stage.picture_rect(0)
        place = QPoint(step * 37 % rect.width(), step * 53 % rect.height())
        QTest.mouseMove(stage, rect.topLeft() + place)

    pointer = QTimer(interval=_EVERY)
    pointer.timeout.connect(wander)

    def stretch(name: str) -> tuple[array[float], float]:
        stage.set_overlay(name)
        settle(1.0)
        sites[0] = 0
        with late.noting():
            settle(seconds)
        return late.late, sites[0] / seconds

    window.session.change(count=COUNT)
    window.session.snapshot.connect(count)
    drawing.play()
    pointer.start()
    found: dict[str, dict[str, Any]] = {}
    names = ["none", *(only or insights())]
    for name in names:
        lates: list[float] = []
        shares = []
        for _ in range(rounds):
            _, before = stretch("none")
            each, speed = stretch(name)
            _, after = stretch("none")
            lates += each
            shares.append(2 * speed / (before + after))
        ordered = sorted(lates)
        reply = window.session.insight.latest
        found[name] = {
            "median": statistics.median(ordered),
            "p95": ordered[int(0.95 * (len(ordered) - 1))],
            "max": ordered[-1],
            "share": statistics.mean(shares),
            "refused": reply.answer.sentence if reply is not None and reply.refused else "",
        }
    pointer.stop()
    window.session.cancel()
    window.close()
    QApplication.processEvents()
    return found


if __name__ == "__main__":
    sys.exit(main())
