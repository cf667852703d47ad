"""`python -m studio.gui.instruments.lateness`: how late the window's own timer is while work goes
on, and what the window costs the work.

Opens the real window and measures, a stretch at a time: idle; drawing one picture, and 64 at once,
at full speed; comparing four scenes of four pictures each, in step and as a race; training. A timer
of 16 ms notes how late it fires. Drawing and training are timed without a window too, in a process
of their own, before and after, so that both were measured on the machine as it is now.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from studio.demonstrations import FIRST

if TYPE_CHECKING:
    from studio.engine.training.training_job import TrainingJob
    from studio.gui.shell.main_window import MainWindow

INTERVAL = 16.0  # ms
COUNTS = (1, 64)
IMAGES = 60_000  # in the training part of MNIST
MODEL = FIRST  # what is trained; drawing takes the checkpoint that is named


def main(arguments: list[str] | None = None) -> int:
    """Prints a table, or with --json one document; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m studio.gui.instruments.lateness", description=__doc__
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each stretch")
    parser.add_argument("--checkpoint", default=MODEL)
    parser.add_argument(
        "--part",
        choices=("all", "first-paint", "bare-drawing", "bare-training"),
        default="all",
        help=argparse.SUPPRESS,
    )
    chosen = parser.parse_args(arguments)
    if chosen.part == "first-paint":
        return print_first_paint()
    if chosen.part == "bare-drawing":
        speed = {str(n): bare_drawing(chosen.checkpoint, n, chosen.seconds) for n in COUNTS}
        print(json.dumps(speed))
        return 0
    if chosen.part == "bare-training":
        print(json.dumps(bare_training(chosen.seconds)))
        return 0
    document = measure(chosen.checkpoint, chosen.seconds)
    print(json.dumps(document, indent=2) if chosen.json else table(document))
    return 0


def measure(checkpoint: str, seconds: float) -> dict[str, Any]:
    """Everything, as one document."""
    paints = [seconds_to_first_paint() for _ in range(4)][1:]  # the first start may be a cold one
    bare = [without_a_window(checkpoint, seconds)]
    window = in_the_window(checkpoint, seconds)
    bare.append(without_a_window(checkpoint, seconds))
    speeds = {}
    for work in window["speed"]:
        alone = statistics.mean(one[work] for one in bare)
        speeds[work] = {
            "window": window["speed"][work],
            "alone": alone,
            "share": window["speed"][work] / alone,
        }
    return {
        "seconds to a visible window": {"median": statistics.median(paints), "all": paints},
        "timer lateness, ms": window["lateness"],
        "speed": speeds,
    }


def table(document: dict[str, Any]) -> str:
    """The document, for people."""
    paint = document["seconds to a visible window"]
    lines = [
        (
            f"window visible after  {paint['median']:.2f} s (median of {len(paint['all'])} warm"
            " starts)"
        ),
        "",
    ]
    lines.append(f"{'a 16 ms timer is late by':<28}{'median':>9}{'95 %':>9}{'most':>9}   ms")
    for work, found in document["timer lateness, ms"].items():
        lines.append(f"  {work:<26}{found['median']:>9.1f}{found['p95']:>9.1f}{found['max']:>9.1f}")
    lines += ["", f"{'speed':<28}{'window':>9}{'alone':>9}{'share':>9}"]
    for work, found in document["speed"].items():
        lines.append(
            f"  {work:<26}{found['window']:>9.1f}{found['alone']:>9.1f}{found['share']:>8.0%}"
        )
    return "\n".join(lines)


# ---- the window ----------------------------------------------------------------------------------


class Lateness(QObject):
    """Notes how much later than 16 ms after the last time its timer fires."""

    def __init__(self) -> None:
        super().__init__()
        self.late = array("d")  # as one block: it is used where memory is measured
        self._before = 0.0
        self._timer = QTimer(self, interval=round(INTERVAL), timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._fired)

    @contextmanager
    def noting(self) -> Iterator[None]:
        self.late, self._before = array("d"), time.perf_counter()
        self._timer.start()
        try:
            yield
        finally:
            self._timer.stop()

    def _fired(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, (now - self._before) * 1000 - INTERVAL))
        self._before = now

    def summary(self) -> dict[str, float]:
        ordered = sorted(self.late)
        return {
            "median": statistics.median(ordered),
            "p95": ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
            "max": ordered[-1],
            "fired": float(len(ordered)),
        }


def in_the_window(checkpoint: str, seconds: float) -> dict[str, dict[str, Any]]:
    """Lateness by what goes on, and the speed of that work."""
    from studio.gui.shell.app import application, prompt

    with prompt(application()):
        return _measured(checkpoint, seconds)


def _measured(checkpoint: str, seconds: float) -> dict[str, dict[str, Any]]:
    from studio.gui.instruments.screenshot import settle, wait_for
    from studio.gui.shell.main_window import MainWindow

    window = MainWindow(checkpoint)
    window.show()
    timer = Lateness()
    lateness: dict[str, Any] = {}
    speed: dict[str, Any] = {}

    def stretch(work: str) -> None:
        with timer.noting():
            settle(seconds)
        lateness[work] = timer.summary()

    wait_for(lambda: window.session.latest is not None)
    window.show_stage()
    stretch("idle")
    for count in COUNTS:
        runs: list[float] = []

        def again(snapshot: Any, runs: list[float] = runs, count: int = count) -> None:
            if snapshot.count == count and 2 * snapshot.position > snapshot.length:
                runs.append(snapshot.sites_per_second)
            if snapshot.position == snapshot.length:
                window.drawing_page.drawing.play()

        window.session.change(count=count)
        window.session.snapshot.connect(again)
        window.drawing_page.drawing.play()
        wait_for(lambda runs=runs: len(runs) >= 2)  # type: ignore[misc]
        runs.clear()
        stretch(work := drawing(count))
        window.session.snapshot.disconnect(again)
        window.session.cancel()
        speed[work] = statistics.median(runs)
    compare_four(window, stretch)
    with tempfile.TemporaryDirectory() as folder:
        window.show_training()
        wait_for(lambda: window.training.form.choices is not None)
        window.training.form.choose(MODEL)
        window.training.form.folder.setText(str(Path(folder) / "run"))
        window.training.start.click()
        job = window.training.training
        assert job is not None
        wait_for(lambda: bool(job.progress))
        before = epochs_done(job)
        stretch("training")
        speed["training"] = (epochs_done(job) - before) * IMAGES / seconds
        window.training.stop()
        wait_for(lambda: not window.training.running)
    window.close()
    QApplication.processEvents()
    return {"lateness": lateness, "speed": speed}


def compare_four(window: MainWindow, stretch: Callable[[str], None]) -> None:
    """A grid of four scenes drawn again and again: in step, and as a race."""
    from studio.gui.instruments.screenshot import wait_for

    page = window.grid_page
    window.session.change(count=4)
    window.compare()
    wait_for(lambda: page.drawing.latest is not None)

    def again(moment: Any) -> None:
        if moment.finished:
            page.drawing.play()

    page.drawing.moment.connect(again)
    stretch("comparing four, in step")
    page.race.click()
    stretch("comparing four, a race")
    page.drawing.moment.disconnect(again)
    window.show_stage()


def print_first_paint() -> int:
    """Opens the window, prints the time of day of its first picture, and ends."""
    from studio.gui.shell.app import application
    from studio.gui.shell.main_window import MainWindow

    class Watched(MainWindow):
        def _begin(self) -> None:  # called once the first picture is painted, before torch
            print(time.time(), flush=True)
            self.close()

    app = application()
    window = Watched()
    window.show()
    return app.exec()


# ---- without it ----------------------------------------------------------------------------------


def seconds_to_first_paint() -> float:
    """From starting the program to its first picture."""
    began = time.time()
    return float(in_its_own_process("first-paint")) - began


def without_a_window(checkpoint: str, seconds: float) -> dict[str, float]:
    """The speed of the same work in processes that have no window."""
    options = ("--checkpoint", checkpoint, "--seconds", str(seconds))
    speed = json.loads(in_its_own_process("bare-drawing", *options))
    found: dict[str, float] = {drawing(count): speed[str(count)] for count in COUNTS}
    found["training"] = json.loads(in_its_own_process("bare-training", *options))
    return found


def in_its_own_process(part: str, *options: str) -> str:
    """What a part of this program prints."""
    command = [sys.executable, "-m", "studio.gui.instruments.lateness", "--part", part, *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def bare_drawing(checkpoint: str, count: int, seconds: float) -> float:
    """Sites a second of a plain loop over `Generation`, the median over whole pictures."""
    from studio.engine import checkpoints
    from studio.engine.generation.generation import Generation, as_autoregressive
    from studio.engine.generation.sampling_options import SamplingOptions

    generation = Generation(
        as_autoregressive(checkpoints.load(checkpoint)), SamplingOptions(count=count)
    )

    def picture() -> float:
        generation.restart()
        began = time.perf_counter()
        return generation.step(generation.length) / (time.perf_counter() - began)

    picture()
    return statistics.median(repeated(picture, seconds))


def bare_training(seconds: float) -> float:
    """Images a second of a training job that nobody watches."""
    from studio.engine.training.training_job import TrainingJob

    with tempfile.TemporaryDirectory() as folder:
        job = TrainingJob(MODEL, folder=Path(folder) / "run")
        job.start()
        while not job.progress:
            time.sleep(0.01)
        before = epochs_done(job)
        time.sleep(seconds)
        done = epochs_done(job) - before
        job.cancel()
        job.join()
        return done * IMAGES / seconds


def epochs_done(job: TrainingJob) -> float:
    """How many times a training has seen its data."""
    return (job.progress or 0.0) * job.recipe.epochs


def repeated(do: Callable[[], float], seconds: float) -> list[float]:
    """What it gives, again and again for so long."""
    found, until = [do()], time.monotonic() + seconds
    while time.monotonic() < until:
        found.append(do())
    return found


def drawing(count: int) -> str:
    return f"drawing {count} picture{'s' if count > 1 else ''}"


if __name__ == "__main__":
    sys.exit(main())
