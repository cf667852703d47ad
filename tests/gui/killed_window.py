"""`python -m tests.gui.killed_window FOLDER ROUNDS [SEED]`: the real window is used at random and
killed at a random moment; the next one goes on where it was, and so on.

Each window writes down what it has whenever that changes, so that it is known what there was in the
last two seconds. Prints as JSON how often it was killed, and everything that was not as it should
be. 100 rounds take about ten minutes:

    python -m tests.gui.killed_window out/killed 100
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from studio.engine import checkpoints
from studio.engine.checkpoints.places import is_trained, runs_folder, sessions_folder
from studio.engine.scenes import autosave
from studio.engine.scenes.kept_session import KeptSession
from studio.gui.shell.app import application
from studio.gui.shell.main_window import MainWindow
from studio.gui.widgets.message_bar import MessageBar
from tests.conftest import home_variables
from tests.tiny import tiny_checkpoint, tiny_data

LOST = 2.0  # seconds of what was done that may be missing
_SLACK = 0.1  # seconds between the clock of the killer and the end of the killed
_PATIENCE = 90.0  # seconds that a window may take to go on
_LONGEST = 4.0  # seconds that it is used before it is killed
_AT_START = 0.15  # share of the kills that come while the window opens, or goes on
_IMPORTED = (
    "pyqtgraph",
    "sympy",
    "studio.engine.generation.player",
    "studio.engine.training.training_job",
    "studio.engine.training.callbacks",
    "torch.utils.tensorboard",
)
_ENDED = "ended without being closed"


@dataclass
class Outcome:
    """rounds: kills. opening: of them, while the window opened or went on. oldest: seconds by which
    what came back was behind, at most. trained, saved: how often a run and a picture was looked at.
    wrong: what was not as it should be."""

    rounds: int = 0
    opening: int = 0
    oldest: float = 0.0
    trained: int = 0
    saved: int = 0
    wrong: list[str] = field(default_factory=list)


# ---- what is used, and killed --------------------------------------------------------------------


def digest(window: MainWindow) -> str:
    """Of what was painted, with its way back, and of the options."""
    session, found = window.session, hashlib.sha256()
    if session.painting is not None:
        history = session.painting.history
        for values, known, _ in (*history.done, history.now, *history.undone):
            found.update(values.tobytes() + known.tobytes())
        found.update(f"{len(history.done)} {len(history.undone)}".encode())
    found.update(repr(session.options).encode())
    return found.hexdigest()[:16]


class Life:
    """One window, from its opening to its violent end."""

    def __init__(self, folder: Path, number: int, seed: int) -> None:
        self._chance = random.Random(seed + number)
        self._folder = folder
        self._notes = (folder / "notes" / f"{number}.jsonl").open("a", buffering=1)
        self._app = application()
        self.window = MainWindow(folder / "tiny-pixelcnn.safetensors")
        self.window.resize(1100, 700)
        self.window.show()

    def note(self, what: str, **more: Any) -> None:
        self._notes.write(json.dumps({"at": time.time(), "what": what, **more}) + "\n")

    def _until(self, so: Any) -> None:
        while not so():
            QTest.qWait(5)

    def live(self, expected: bool) -> None:
        """expected: whether the last one left something to go on with."""
        window = self.window
        session = window.session
        self._until(lambda: session.latest is not None)
        if expected:
            bar = window.findChild(MessageBar)
            assert bar is not None
            while _ENDED not in bar.label.text() or not bar.no.isVisible():
                if bar.no.isVisible():
                    bar.no.click()  # a training that can go on: another question
                QTest.qWait(5)
            restored: list[object] = []
            session.scenes.shown.connect(restored.append)
            bar.button.click()
            self._until(lambda: bool(restored) and not window.autosave.restoring)
            self._until(lambda: not session.polling)
        window.show_stage()
        session.painting_changed.connect(self._note_state)
        session.options_changed.connect(self._note_state)
        latest: Any = session.latest
        self.note("ready", digest=digest(window), position=latest.position)
        while True:
            self._chance.choices(
                (self._stroke, self._undo, self._draw, self._roll, self._save, self._train),
                (8, 3, 3, 1, 1, 2),
            )[0]()
            QTest.qWait(self._chance.choice((0, 10, 50, 200)))

    def _note_state(self) -> None:
        self.note("state", digest=digest(self.window))

    def _stroke(self) -> None:
        stage, chance = self.window.drawing_page.stage, self._chance
        rect = stage.picture_rect(0)
        button = chance.choice((Qt.MouseButton.LeftButton,) * 3 + (Qt.MouseButton.RightButton,))

        def anywhere() -> QPoint:
            return rect.topLeft() + QPoint(
                chance.randrange(rect.width()), chance.randrange(rect.height())
            )

        place = anywhere()
        QTest.mousePress(stage, button, Qt.KeyboardModifier.NoModifier, place)
        for _ in range(chance.randrange(8)):
            QTest.mouseMove(stage, place := anywhere())
            QTest.qWait(chance.choice((1, 20, 80)))
        QTest.mouseRelease(stage, button, Qt.KeyboardModifier.NoModifier, place)

    def _undo(self) -> None:
        session = self.window.session
        self._chance.choice((session.undo, session.undo, session.redo, session.clear))()

    def _draw(self) -> None:
        page = self.window.drawing_page
        self._chance.choice((page.toggle, page.finish, page.restart, lambda: page.step(3)))()

    def _roll(self) -> None:
        self.window.session.change(
            seed=self._chance.randrange(1000), count=self._chance.choice((1, 4))
        )

    def _save(self) -> None:
        page = self.window.drawing_page
        latest = page.drawing.latest
        if latest is None:
            return
        name = f"{self._chance.randrange(5)}{self._chance.choice(('.png', '.npy'))}"
        page.files.saver(latest)(self._folder / "results" / name)

    def _train(self) -> None:
        dock = self.window.training
        if dock.running:
            dock.stop()
            return
        self.window.show_training()
        self._until(lambda: dock.form.choices is not None)
        dock.form.choose("made")
        settings = {"data": str(self._folder / "squares.npz"), "hidden": "16", "batch": "12"}
        for key, text in {**settings, "epochs": "100000"}.items():
            dock.form.fields[key].setText(text)
        dock.start.click()


# ---- who kills, and looks at what is left --------------------------------------------------------


def notes_of(folder: Path, number: int) -> list[dict[str, Any]]:
    """What a window wrote down; the last line may be cut short."""
    path = folder / "notes" / f"{number}.jsonl"
    found = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found


def in_force(notes: list[dict[str, Any]], since: float) -> dict[str, float]:
    """Every state that there was at that time or later, and when it was over."""
    states = [note for note in notes if "digest" in note]
    over = [note["at"] for note in states[1:]] + [float("inf")]
    return {note["digest"]: end for note, end in zip(states, over, strict=True) if end >= since}


def as_far(kept: KeptSession, position: int) -> bool:
    """Whether a drawing is there up to that position; what is given may be passed over."""
    if kept.scene is None or kept.scene.position is None or kept.painting is None:
        return False
    given = kept.painting.now[1].reshape(-1)  # in the order of the model, which is raster
    low, high = sorted((kept.scene.position, position))
    return bool(given[low:high].all())


def look_at_files(folder: Path, outcome: Outcome) -> KeptSession | None:
    """Nothing is half written, and nothing is locked; returns what will be gone on with."""
    for path in (folder / "results").glob("[!.]*"):
        outcome.saved += 1
        try:
            if path.suffix == ".png":
                with Image.open(path) as picture:
                    picture.load()
            else:
                np.load(path)
        except Exception as error:
            outcome.wrong.append(f"{path.name} is half written: {error}")
    for run in runs_folder().glob("*"):
        outcome.trained += 1
        for path in run.glob("[!.]*.safetensors"):
            try:
                if path.name != "resume.safetensors":
                    checkpoints.load(path)
            except Exception as error:
                outcome.wrong.append(f"{path} is half written: {error}")
        if is_trained(run):
            outcome.wrong.append(f"{run.name} is still locked")
    left = autosave.find(closed=False)
    if left is None:
        if list(sessions_folder().glob("*.open.json")):
            outcome.wrong.append("a session is still locked")
        return None
    try:
        return left.read()
    except Exception as error:
        outcome.wrong.append(f"the session is half written: {error}")
        return None
    finally:
        left.let_go()


def main(folder: Path, rounds: int, seed: int = 0) -> Outcome:
    """Nothing of torch or Qt runs in this process: the windows are forks of it."""
    torch.set_num_threads(1)
    for module in _IMPORTED:  # once, and not in every window
        import_module(module)
    for name in ("notes", "results"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    os.environ.update(home_variables(folder / "home"))
    os.environ.update(QT_QPA_PLATFORM="offscreen", OMP_NUM_THREADS="1")
    tiny_checkpoint(folder)
    tiny_data(folder)
    chance, outcome = random.Random(seed), Outcome()
    before: dict[str, float] = {}  # what may come back
    kept: KeptSession | None = None
    used_until = 0.0
    for number in range(rounds):
        child = os.fork()
        if child == 0:
            Life(folder, number, seed).live(expected=bool(before))
            os._exit(0)
        deadline, opening = time.monotonic() + _PATIENCE, chance.random() < _AT_START
        if opening:
            time.sleep(chance.uniform(0, 2))
        else:
            while not (notes := notes_of(folder, number)) and time.monotonic() < deadline:
                if os.waitpid(child, os.WNOHANG)[0]:
                    outcome.wrong.append(f"window {number} ended by itself")
                    return outcome
                time.sleep(0.02)
            time.sleep(chance.uniform(0, _LONGEST))
        killed_at = time.time()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        notes = notes_of(folder, number)
        if not notes:
            outcome.opening += 1
            if not opening:
                outcome.wrong.append(f"window {number} did not go on")
        elif before:
            found = notes[0]["digest"]
            if found not in before:
                outcome.wrong.append(f"window {number} does not go on where the last one was")
            else:
                outcome.oldest = max(outcome.oldest, used_until - before[found])
            if kept is not None and not as_far(kept, notes[0]["position"]):
                outcome.wrong.append(f"window {number} is not as far as the last one was")
        if notes:
            used_until = killed_at
            before = in_force(notes, killed_at - LOST - _SLACK)
        outcome.rounds += 1
        kept = look_at_files(folder, outcome)
    return outcome


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[2:]]
    print(json.dumps(asdict(main(Path(sys.argv[1]).absolute(), *numbers)), indent=2))
