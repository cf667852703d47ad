"""A lesson from start to end, with the real pointer; and afterwards everything is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QCloseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from studio.engine.checkpoints import load
from studio.engine.checkpoints.places import own_folder as own_checkpoints
from studio.engine.scenes import lessons
from studio.engine.scenes.document import as_document
from studio.engine.scenes.lesson_questions import next_pixel
from studio.gui.shell import lessons as module
from studio.gui.shell.kept_window import kept
from studio.gui.shell.lesson_progress import Progress, progress
from studio.gui.shell.lesson_saving import StepDialog
from studio.gui.shell.main_window import MainWindow
from tests.gui.windows import at_rest, click, draw, open_window, press, run_xdotool, until
from tests.tiny import tiny_checkpoint

LESSON = """# Blind spots

Minutes: 5
Summary: What a mask hides.

## A model that draws

It is **half** done.

```scene
{"version": 1, "model": {"name": "tiny-made"}, "options": {"seed": 3, "count": 4}, "position": 20}
```

```point
Temperature
Library
```

## Which is it?

```hide
Inspector
```

```question
Which model is this?
- [ ] a very long answer, which has to go on in another line, since the pane is as narrow as it is
- [x] made
> Right: its masks are in the *weights*.
```

## What comes next?

```scene
{"version": 1, "model": {"name": "tiny-pixelcnn"}, "options": {"seed": 5}, "position": 21}
```

```question
Will the next pixel be black or white?
= next pixel
> It was.
```

## A number

```question
How many pixels are there?
= 64 ± 1
```
"""


@pytest.fixture
def window(
    qtbot: QtBot, user_data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """A window with one of two models of the person's own in it, and with one lesson, also theirs;
    none has come with the studio."""
    monkeypatch.setattr(lessons, "course_folder", lambda: user_data_folder / "course")
    own_checkpoints().mkdir(parents=True)
    tiny_checkpoint(own_checkpoints(), "made")
    folder = lessons.own_folder() / "blind-spots"
    folder.mkdir(parents=True)
    (folder / "lesson.md").write_text(LESSON, encoding="utf-8")
    with open_window(qtbot, tiny_checkpoint(own_checkpoints())) as window:
        yield window


def shown(window: MainWindow, qtbot: QtBot, number: int) -> None:
    """Wait until a step is there, with its scene and its frames."""
    own = window.lessons
    until(qtbot, lambda: own.lesson is not None and own.number == number and own.settled)
    at_rest(qtbot, window.session)
    QTest.qWait(100)  # and everything has found its place


def begin(window: MainWindow, qtbot: QtBot) -> None:
    """As a person does: from the start page and the list."""
    window.pages.setCurrentWidget(window.start_page)
    click(window.start_page.lessons)
    choose(window, qtbot)
    shown(window, qtbot, 0)


def choose(window: MainWindow, qtbot: QtBot) -> None:
    """Click the lesson in the list."""
    own = window.lesson_pane.list

    until(qtbot, lambda: bool(own.rows) and own.rows[0].width() <= own.width())  # laid out
    assert own.rows[0].text() == "Blind spots"
    click(own.rows[0])


def choices(window: MainWindow) -> list[QWidget]:
    return list(window.lesson_pane.step.question.choices)


def framed(window: MainWindow, widget: QWidget) -> bool:
    """Whether a frame lies round it."""
    place = QRect(widget.mapTo(window, QPoint()), widget.size())
    return any(
        frame.isVisible() and frame.geometry().contains(place.intersected(window.rect()))
        for frame in window.lessons.frames.frames
    )


def test_a_lesson_is_gone_through_with_the_mouse_from_start_to_end(
    window: MainWindow, qtbot: QtBot
) -> None:
    session, step = window.session, window.lesson_pane.step
    draw(window.drawing_page.stage, (1, 1), (1, 5))
    draw(window.drawing_page.stage, (6, 2), (6, 4))
    at_rest(qtbot, session)
    painting = session.painting
    assert painting is not None
    before = session.scenes.now()
    drawn = painting.values.copy()
    inspector = window.docks["Inspector"].geometry()

    begin(window, qtbot)

    assert session.title == "tiny-made"
    assert (session.options.seed, session.options.count) == (3, 4)
    assert session.latest.position == 20
    assert window.pages.currentWidget() is window.drawing_page
    assert session.painting is not None
    assert session.painting.empty
    assert framed(window, window.inspector.temperature)
    assert framed(window, window.docks["Library"])
    assert step.isVisible(), "what is pointed at lies beside the text, not over it"

    click(step.next_button)
    shown(window, qtbot, 1)
    assert not window.docks["Inspector"].isVisible()
    assert not window.lessons.frames.frames
    click(choices(window)[0])
    until(qtbot, lambda: step.question.verdict.text() == "Not quite. Try again.")
    click(choices(window)[1])
    until(qtbot, lambda: step.question.right is True)
    assert "weights" in step.question.said.toPlainText()

    click(step.next_button)
    shown(window, qtbot, 2)
    assert session.title == "tiny-pixelcnn"
    assert window.docks["Inspector"].isVisible()
    scene = window.lessons.lesson.steps[2].scene  # type: ignore[union-attr]
    assert scene is not None
    *_, colour = next_pixel(scene, load(own_checkpoints() / "tiny-pixelcnn.safetensors"))
    names = [choice.accessibleName() for choice in choices(window)]
    wrong = choices(window)[1 - names.index(colour)]
    click(wrong)
    until(qtbot, lambda: step.question.right is not None)
    assert not step.question.right
    click(choices(window)[names.index(colour)])
    until(qtbot, lambda: step.question.right is True)

    click(step.next_button)
    shown(window, qtbot, 3)
    click(step.question.number)
    run_xdotool("type", "63,5")
    until(qtbot, lambda: step.question.number.text() == "63,5")
    click(step.question.check)
    until(qtbot, lambda: step.question.right is True)

    click(step.next_button)
    until(qtbot, lambda: window.lessons.before is None)
    at_rest(qtbot, session)
    now = session.scenes.now()
    assert before is not None
    assert now is not None
    begun = {**before.view, "page": "start"}  # from where the list of lessons was opened
    assert as_document(now) == as_document(replace(before, view=begun))
    np.testing.assert_array_equal(session.painting.values, drawn)
    assert window.docks["Inspector"].geometry() == inspector
    assert window.pages.currentWidget() is window.start_page
    press("ctrl+g")
    press("ctrl+z")
    until(qtbot, lambda: not session.painting.known[6].any())  # type: ignore[union-attr]
    assert session.painting.known[1, 1:6].all()
    lesson = lessons.read(lessons.own_folder() / "blind-spots")
    assert progress(lesson.name) == Progress(3, done=True)


def test_what_a_pupil_does_in_a_step_is_undone_by_a_reset_and_never_reaches_the_lesson(
    window: MainWindow, qtbot: QtBot
) -> None:
    file = lessons.own_folder() / "blind-spots" / "lesson.md"
    begin(window, qtbot)
    session = window.session
    draw(window.drawing_page.stage, (2, 2), (5, 5))
    session.change(count=1, temperature=0.0)
    window.docks["Inspector"].close()
    at_rest(qtbot, session)

    click(window.lesson_pane.step.reset_button)
    until(qtbot, lambda: session.options.count == 4 and bool(session.painting.empty))  # type: ignore[union-attr]
    shown(window, qtbot, 0)

    assert session.options.temperature == 1.0
    assert session.latest.position == 20
    assert framed(window, window.inspector.temperature)
    assert file.read_text(encoding="utf-8") == LESSON


def test_escape_leaves_a_lesson_which_goes_on_there_the_next_time(
    window: MainWindow, qtbot: QtBot
) -> None:
    begin(window, qtbot)
    click(window.lesson_pane.step.next_button)
    shown(window, qtbot, 1)
    window.drawing_page.take_focus()

    press("Escape")

    until(qtbot, lambda: window.lessons.before is None)
    at_rest(qtbot, window.session)
    assert window.session.title == "tiny-pixelcnn"
    assert window.pages.currentWidget() is window.start_page
    assert window.docks["Inspector"].isVisible()
    until(qtbot, lambda: "at step 2 of 4" in window.lesson_pane.list.rows[-1].said.below)
    choose(window, qtbot)
    shown(window, qtbot, 1)
    click(window.lesson_pane.step.leave_button)
    until(qtbot, lambda: window.lessons.before is None)


def test_lessons_are_looked_for_once_when_one_is_left(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(window, qtbot)
    looked: list[int] = []
    listed = lessons.listed

    def noting() -> list[lessons.Listed]:
        looked.append(1)
        return listed()

    monkeypatch.setattr(lessons, "listed", noting)
    window.lessons.leave()  # the docks come and go until all is laid out as before
    until(qtbot, lambda: window.lessons.before is None and bool(looked))
    at_rest(qtbot, window.session)
    qtbot.wait(300)
    assert len(looked) == 1


def test_a_dock_that_is_laid_out_goes_on_with_its_lesson_and_one_that_is_closed_leaves_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    begin(window, qtbot)
    dock = window.docks["Lesson"]

    # as Qt closes the window of a dock that floated, when it restores a layout
    QApplication.sendEvent(dock, QCloseEvent())
    assert window.lessons.lesson is not None
    qtbot.wait(50)
    assert window.lessons.lesson is not None

    dock.close()
    until(qtbot, lambda: window.lessons.lesson is None)


def test_a_window_that_is_closed_in_a_lesson_opens_as_it_was_before(
    window: MainWindow, qtbot: QtBot, user_data_folder: Path
) -> None:
    window.lessons.open(lessons.own_folder() / "blind-spots")
    shown(window, qtbot, 0)
    click(window.lesson_pane.step.next_button)
    shown(window, qtbot, 1)
    window.close()

    with open_window(qtbot, own_checkpoints() / "tiny-pixelcnn.safetensors") as again:
        assert again.docks["Inspector"].isVisible()
        assert not again.docks["Lesson"].isVisible()


def test_clicking_through_faster_than_models_load_ends_at_the_last_step(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.lessons.open(lessons.own_folder() / "blind-spots")
    until(qtbot, lambda: window.lessons.lesson is not None)
    for number in (2, 0, 2, 0):
        window.lessons.go(number)
    shown(window, qtbot, 0)

    assert window.session.title == "tiny-made"
    window.lessons.go(2)
    window.lessons.leave()
    until(qtbot, lambda: window.lessons.before is None)
    at_rest(qtbot, window.session)
    assert window.session.title == "tiny-pixelcnn"
    assert window.session.options.seed == 0


def test_it_points_at_what_was_not_seen_yet_and_a_name_that_nothing_has_is_told_with_its_line(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.md"
    text = "# A\n\n## B\n\n```point\nThe moon\nFavourites only\n```\n\n```hide\nThe sun\n```\n"
    wrong.write_text(text)

    window.lessons.open(wrong)

    until(qtbot, lambda: window.lessons.lesson is not None and window.messages.isVisible())
    said = f"{tmp_path.name}/wrong.md, line 11: “The sun” is no dock"
    assert window.messages.label.text().startswith(said)
    said = f"{tmp_path.name}/wrong.md, line 6: Nothing in the window is called “The moon”."
    assert framed(window, window.gallery.liked)
    assert said in window.log.text.toPlainText()


def test_a_lesson_that_cannot_be_read_is_told_and_changes_nothing(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.md"
    wrong.write_text("# A\n\n## B\n\n```pont\n```\n")

    assert window.opener.of(wrong).words == 'Begin the lesson "wrong.md"'
    window.open_file(wrong)

    until(qtbot, lambda: window.messages.isVisible())
    assert "wrong.md, line 5: There is no block “pont”" in window.messages.label.text()
    assert window.lessons.lesson is None


def test_a_link_is_opened_only_when_the_person_says_so(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "studio.gui.shell.lessons.QDesktopServices.openUrl", lambda url: opened.append(url.url())
    )
    file = tmp_path / "links.md"
    file.write_text("# A\n\n## B\n\n[paper](https://example.org/paper) [odd](file:///etc/hosts)\n")
    window.lessons.open(file)
    text = window.lesson_pane.step.text
    until(qtbot, lambda: text.isVisible() and "paper" in text.toPlainText())

    cursor = text.cursorForPosition(QPoint(2, 2))
    cursor.setPosition(text.toPlainText().index("odd") + 1)
    _press_at(text, text.cursorRect(cursor).center())
    assert not window.messages.isVisible()
    cursor.setPosition(1)
    _press_at(text, text.cursorRect(cursor).center())
    until(qtbot, lambda: window.messages.isVisible())
    assert window.messages.label.text() == "Open https://example.org/paper in the browser?"
    assert opened == []
    click(window.messages.button)
    until(qtbot, lambda: opened == ["https://example.org/paper"])


def _press_at(text: QWidget, place: QPoint) -> None:
    from tests.gui.windows import drag

    drag(text, [place])


def test_what_the_window_shows_becomes_a_step_of_a_lesson_of_ones_own(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    window.session.change(seed=77)
    draw(window.drawing_page.stage, (1, 1), (1, 5))
    at_rest(qtbot, window.session)

    dialog = ask_to_save(window, qtbot)
    dialog.which.setCurrentText("A new lesson in a folder…")
    dialog.which.activated.emit(dialog.which.currentIndex())
    assert dialog.where.text() == str(tmp_path)
    dialog.new_title.setText("Mine")
    dialog.step_title.setText("Look")
    dialog.text.setPlainText("## Not so")
    click(dialog.save_button)
    until(qtbot, lambda: dialog.complaint.isVisible())
    assert "no line can begin with ##" in dialog.complaint.text()
    assert not (tmp_path / "Mine").exists()
    dialog.text.setPlainText("A *stroke*.")
    click(dialog.save_button)
    until(qtbot, lambda: (tmp_path / "Mine" / "lesson.md").is_file() and not window.session._jobs)

    dialog = ask_to_save(window, qtbot)
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "Mine" / "lesson.md"), "")
    )
    dialog.which.setCurrentText("Another lesson…")
    dialog.which.activated.emit(dialog.which.currentIndex())
    dialog.step_title.setText("Again")
    click(dialog.save_button)
    until(qtbot, lambda: "Step 2 is saved" in window.messages.label.text())

    look, again = lessons.read(tmp_path / "Mine").steps
    assert (look.title, look.text, again.title) == ("Look", "A *stroke*.", "Again")
    assert look.scene is not None
    assert look.scene.options.seed == 77
    assert look.scene.evidence is not None
    assert look.scene.evidence.known[1, 1:6].all()
    click(window.messages.button)
    shown(window, qtbot, 0)


def ask_to_save(window: MainWindow, qtbot: QtBot) -> StepDialog:
    until(qtbot, lambda: window.findChild(StepDialog) is None)
    window.lessons.save_step()
    until(qtbot, lambda: window.findChild(StepDialog) is not None)
    dialog = window.findChild(StepDialog)
    assert isinstance(dialog, StepDialog)
    qtbot.waitExposed(dialog)
    return dialog


def test_what_is_kept_by_itself_during_a_lesson_is_what_was_there_before_it(
    window: MainWindow, qtbot: QtBot
) -> None:
    draw(window.drawing_page.stage, (1, 1), (1, 5))
    at_rest(qtbot, window.session)
    window.lessons.open(lessons.own_folder() / "blind-spots")
    shown(window, qtbot, 0)

    now = kept(window)

    assert now.scene is not None
    assert now.scene.model.name == "tiny-pixelcnn"
    assert now.painting is not None
    assert now.painting.now[1][1, 1:6].all()


def test_what_is_there_is_kept_again_where_the_model_of_before_is_gone(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 300)
    window.lessons.open(lessons.own_folder() / "blind-spots")
    shown(window, qtbot, 0)
    assert window.lessons.before is not None
    before = window.lessons.before.checkpoint
    assert before is not None
    before.write_bytes(b"no checkpoint any more")
    window.lessons.leave()
    until(qtbot, lambda: window.lessons.before is None)
    at_rest(qtbot, window.session)
    draw(window.drawing_page.stage, (2, 1), (2, 5))
    now = kept(window)
    assert now.painting is not None
    assert now.painting.now[1][2, 1:6].all()


def test_a_second_lesson_does_not_take_over_what_the_first_one_hid(
    window: MainWindow, qtbot: QtBot
) -> None:
    folder = lessons.own_folder() / "blind-spots"
    window.lessons.open(folder)
    shown(window, qtbot, 0)
    window.lessons.go(1)
    shown(window, qtbot, 1)
    assert not window.docks["Inspector"].isVisible()
    window.lessons.begin(lessons.read(folder))
    window.lessons.go(2)  # which points at nothing
    shown(window, qtbot, 2)
    assert window.docks["Inspector"].isVisible()


def test_what_is_wrong_with_a_step_is_told_although_its_dialog_is_closed(
    window: MainWindow, qtbot: QtBot
) -> None:
    dialog = ask_to_save(window, qtbot)
    dialog.new_title.setText("Mine")
    dialog.step_title.setText("Look")
    dialog.text.setPlainText("## Not so")
    dialog.save_button.click()
    dialog.reject()
    until(qtbot, window.messages.isVisible)
    assert "no line can begin with ##" in window.messages.label.text()
