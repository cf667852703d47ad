"""What the monkey does: a list of small actions, each with how often it comes.

An action says what it is about to do (`Hands.note`) and does it; where it is not possible now, it
does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QSlider,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)
from shiboken6 import isValid

from studio.gui.inspector.distribution import Distribution
from studio.gui.picture.stage import Stage
from studio.gui.shell.command_palette import CommandPalette
from studio.gui.shell.lesson_question import Choice
from studio.gui.sound.spectrogram_canvas import SpectrogramCanvas
from studio.gui.sound.time_plot import TimePlot
from studio.gui.widgets.axis_picker import AxisPicker
from tests.monkey.hands import LEFT, PLAIN, RIGHT, Hands

_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_KEYS = [
    *(Qt.Key(Qt.Key.Key_0 + digit) for digit in range(10)),
    *(Qt.Key.Key_Space,) * 12,
    *(Qt.Key.Key_Period, Qt.Key.Key_Comma, Qt.Key.Key_End, Qt.Key.Key_Home) * 4,
    *(Qt.Key.Key_B, Qt.Key.Key_E, Qt.Key.Key_F, Qt.Key.Key_I, Qt.Key.Key_X, Qt.Key.Key_D),
    *(Qt.Key.Key_G, Qt.Key.Key_K, Qt.Key.Key_M, Qt.Key.Key_S, Qt.Key.Key_L, Qt.Key.Key_F1),
    *(Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight, Qt.Key.Key_Plus, Qt.Key.Key_Minus),
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down) * 2,
    *(Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Insert),
]
_WITH_CTRL = [
    *(Qt.Key.Key_Z,) * 6,
    *(Qt.Key.Key_Backspace, Qt.Key.Key_C, Qt.Key.Key_V, Qt.Key.Key_A, Qt.Key.Key_Delete),
    *(Qt.Key.Key_H, Qt.Key.Key_G, Qt.Key.Key_0, Qt.Key.Key_S, Qt.Key.Key_O, Qt.Key.Key_I),
    *(Qt.Key.Key_R, Qt.Key.Key_T, Qt.Key.Key_M, Qt.Key.Key_P, Qt.Key.Key_D),
]
LESSONS = Path(__file__).parents[2] / "assets" / "lessons"
TRAINED = {  # models that are trained, and what makes them small
    "made": {"hidden": "16"},
    "pixelcnn": {"width": "4"},
    "gated-pixelcnn-class": {"width": "4"},
    "wavenet": {"width": "4", "skip": "4", "dilations": "1, 2"},
}
# What would end the window, or start another program
_NEVER = ("Quit", "Show in folder", "Queue", "Put into the queue", "Start the queue")
SIZES = [(1366, 768), (1000, 640), (1440, 920), (1600, 1000), (800, 600)]


# ---- models and files ----------------------------------------------------------------------------


def choose_a_card(hands: Hands) -> None:
    cards = hands.window.library.list
    shown = [cards.item(row) for row in range(cards.count()) if not cards.item(row).isHidden()]
    if cards.isVisible() and shown:
        item = hands.random.choice(shown)
        cards.scrollToItem(item)
        hands.note(f"choose the card {item.text() or item.toolTip().partition(chr(10))[0]}")
        if hands.stroke is None:
            hands.click(cards.viewport(), cards.visualItemRect(item).center())
        else:
            cards.setCurrentItem(item)
            cards.setFocus()
            hands.key(Qt.Key.Key_Return)


def drop_a_checkpoint(hands: Hands) -> None:
    drop(hands, hands.random.choice(hands.files.checkpoints))


def drop_a_file(hands: Hands) -> None:
    drop(hands, hands.random.choice(hands.files.others))


def drop_a_bad_file(hands: Hands) -> None:
    drop(hands, hands.random.choice(hands.files.bad))


def drop(hands: Hands, path: Path) -> None:
    if QApplication.activeModalWidget() is not None:
        return
    hands.note(f"drop {path}")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path.as_posix())])
    place = hands.window.rect().center().toPointF()
    event = QDropEvent(place, Qt.DropAction.CopyAction, data, LEFT, PLAIN)
    QApplication.sendEvent(hands.window, event)


# ---- strokes -------------------------------------------------------------------------------------


def begin_a_stroke(hands: Hands) -> None:
    """On the stage, the canvas of the spectrogram, or the waveform."""
    kinds: tuple[type[QWidget], ...] = (Stage, SpectrogramCanvas, TimePlot)
    found = [widget for kind in kinds for widget in hands.seen(kind)]
    if not found:
        return
    widget = hands.random.choice(found)
    point = hands.any_point(widget)
    if isinstance(widget, Stage):
        rect = hands.random.choice(widget.picture_rects)
        point = QPoint(
            hands.random.randint(rect.left(), max(rect.left(), rect.right())),
            hands.random.randint(rect.top(), max(rect.top(), rect.bottom())),
        )
    button = hands.random.choice([LEFT, LEFT, LEFT, RIGHT])
    hands.note(f"press the {button.name} on {type(widget).__name__} at {point.x()}, {point.y()}")
    hands.press(widget, point, button, hands.random.choice([PLAIN, PLAIN, PLAIN, _CTRL, _SHIFT]))


def go_on_with_the_stroke(hands: Hands) -> None:
    if hands.stroke is not None and not isValid(hands.stroke[0]):
        hands.note("let go of what is not there any more")
        hands.release()
    elif hands.stroke is not None:
        point = hands.any_point(hands.stroke[0]) + QPoint(0, hands.random.choice([0, 0, -60, 60]))
        hands.note(f"go on to {point.x()}, {point.y()}")
        hands.move(point)


def end_the_stroke(hands: Hands) -> None:
    if hands.stroke is not None:
        hands.note("let go")
        hands.release()


def move_the_pointer(hands: Hands) -> None:
    found = hands.seen(QWidget)
    if hands.stroke is None and found:
        widget = hands.random.choice(found)
        hands.note(f"point at {type(widget).__name__}")
        hands.hover(widget, hands.any_point(widget))


def turn_the_wheel(hands: Hands) -> None:
    if found := hands.seen(QWidget):
        widget = hands.random.choice(found)
        notches = hands.random.choice([-3, -1, 1, 3])
        hands.note(f"turn the wheel by {notches} over {type(widget).__name__}")
        hands.wheel(widget, hands.any_point(widget), notches, hands.random.random() < 0.3)


# ---- controls ------------------------------------------------------------------------------------


def press_a_button(hands: Hands) -> None:
    named = {button: _name(button) for button in hands.seen(QAbstractButton)}
    names = {button: name for button, name in named.items() if name not in _NEVER}
    if names:
        button = hands.random.choice(list(names))
        hands.note(f"press the button {names[button]!r}")
        hands.click(button)


def choose_a_number_of_samples(hands: Hands) -> None:
    if found := [one for one in hands.window.inspector.counts.buttons() if one.isVisible()]:
        button = hands.random.choice(found)
        hands.note(f"choose {button.text()} samples")
        hands.click(button)


def type_a_number(hands: Hands) -> None:
    if found := hands.seen(QAbstractSpinBox):
        box = hands.random.choice(found)
        text = hands.random.choice(["0", "1", "0.8", "1,5", "7", "31", "250", "999999", "-", "x"])
        hands.note(f"type {text} into {box.accessibleName()!r}")
        hands.click(box)
        box.selectAll()
        for letter in text:
            hands.key(Qt.Key(ord(letter.upper())))
        hands.key(Qt.Key.Key_Return)


def turn_a_number(hands: Hands) -> None:
    if found := hands.seen(QAbstractSpinBox):
        box = hands.random.choice(found)
        hands.note(f"turn {box.accessibleName()!r}")
        hands.click(box)
        hands.key(hands.random.choice([Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageDown]))


def choose_from_a_box(hands: Hands) -> None:
    if found := hands.seen(QComboBox):
        box = hands.random.choice(found)
        hands.note(f"choose another {box.accessibleName()!r} than {box.currentText()!r}")
        box.setFocus()
        hands.key(hands.random.choice([Qt.Key.Key_Up, Qt.Key.Key_Down]))


def pull_a_slider(hands: Hands) -> None:
    if found := hands.seen(QSlider):
        slider = hands.random.choice(found)
        hands.note(f"pull the slider {slider.accessibleName()!r}")
        hands.press(slider, hands.any_point(slider))
        hands.move(hands.any_point(slider))


def press_a_key(hands: Hands) -> None:
    key = hands.random.choice(_KEYS)
    modifier = hands.random.choice([PLAIN] * 9 + [_SHIFT])
    hands.note(f"press {modifier.name} {key.name}")
    hands.key(key, modifier)


def press_a_key_with_ctrl(hands: Hands) -> None:
    key = hands.random.choice(_WITH_CTRL)
    modifier = hands.random.choice([_CTRL] * 3 + [_CTRL | _SHIFT])
    hands.note(f"press {modifier} {key.name}")
    hands.key(key, modifier)


# ---- the window ----------------------------------------------------------------------------------


def open_a_menu(hands: Hands) -> None:
    bar = hands.window.menuBar()
    titles = [action for action in bar.actions() if action.isEnabled()]
    if bar.isVisible() and titles and QApplication.activeModalWidget() is None:
        title = hands.random.choice(titles)
        hands.note(f"open the menu {title.text()}")
        hands.click(bar, bar.actionGeometry(title).center())


def turn_light_or_dark(hands: Hands) -> None:
    scheme = hands.random.choice([Qt.ColorScheme.Dark, Qt.ColorScheme.Light])
    hands.note(f"turn the system {scheme.name}")
    # as a desktop says it: a bare X server has no colours to be asked for
    QGuiApplication.styleHints().colorSchemeChanged.emit(scheme)


def resize(hands: Hands) -> None:
    width, height = hands.random.choice(SIZES)
    hands.note(f"resize to {width} x {height}")
    hands.window.resize(width, height)


def show_or_hide_a_dock(hands: Hands) -> None:
    title, dock = hands.random.choice(list(hands.window.docks.items()))
    hands.note(f"{'show' if dock.isHidden() else 'hide'} the dock {title}")
    dock.toggleViewAction().trigger()


def show_the_library(hands: Hands) -> None:
    hands.note("show the library and the inspector")
    for title in ("Library", "Inspector"):
        hands.window.docks[title].show()


def change_the_page(hands: Hands) -> None:
    pages = hands.window.pages
    hands.note("go to the start page, or back")
    on_start = pages.currentWidget() is hands.window.start_page
    hands.key(Qt.Key.Key_G if on_start else Qt.Key.Key_H, _CTRL)


# ---- scenes --------------------------------------------------------------------------------------


def drop_a_scene(hands: Hands) -> None:
    if hands.files.scenes:
        drop(hands, hands.random.choice(hands.files.scenes))


def paste_a_scene(hands: Hands) -> None:
    path = hands.random.choice(hands.files.scenes)
    text = path.read_text(errors="replace") if path.suffix == ".json" else "no scene"
    hands.note(f"paste what is in {path.name}")
    QApplication.clipboard().setText(text)
    hands.key(Qt.Key.Key_V, _CTRL | hands.random.choice([_SHIFT, PLAIN]))


def copy_the_scene(hands: Hands) -> None:
    hands.note("copy the scene")
    hands.window.recalling.copy()


def take_a_bar(hands: Hands) -> None:
    """Of the distribution of the next pixel."""
    if found := hands.seen(Distribution):
        point = hands.any_point(found[0])
        hands.note(f"click the distribution at {point.x()}, {point.y()}")
        hands.click(found[0], point)


def change_a_pixel(hands: Hands) -> None:
    """With the tool for it."""
    if hands.stroke is None and (found := hands.seen(Stage)) and found[0].picture_rects:
        rect = hands.random.choice(found[0].picture_rects)
        point = QPoint(
            hands.random.randint(rect.left(), max(rect.left(), rect.right())),
            hands.random.randint(rect.top(), max(rect.top(), rect.bottom())),
        )
        hands.note(f"change the pixel at {point.x()}, {point.y()}")
        hands.key(Qt.Key.Key_H)
        hands.click(found[0], point)


def choose_branches(hands: Hands) -> None:
    """One, or some besides."""
    dock = hands.window.docks["Branches"]
    items = [item for tree in hands.seen(QTreeWidget, dock) for item in _items(tree)]
    if not items:
        hands.note("show the branches")
        dock.show()
        dock.raise_()
        return
    item = hands.random.choice(items)
    tree = item.treeWidget()
    hands.note("choose a branch")
    tree.scrollToItem(item)
    place = tree.visualItemRect(item).center()
    hands.press(tree.viewport(), place, LEFT, hands.random.choice([PLAIN, _CTRL, _SHIFT]))
    hands.release()
    hands.key(hands.random.choice([Qt.Key.Key_F2, Qt.Key.Key_Delete, Qt.Key.Key_Down]))


def _items(tree: QTreeWidget) -> list[QTreeWidgetItem]:
    found: list[QTreeWidgetItem] = []
    below = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    while below:
        if (item := below.pop()) is not None:
            found.append(item)
            below += [item.child(row) for row in range(item.childCount())]
    return found


def choose_an_axis(hands: Hands) -> None:
    """Of the page that compares, with values that may be none."""
    pickers = hands.seen(AxisPicker)
    if not pickers:
        hands.note("compare")
        hands.key(Qt.Key.Key_M, _CTRL)
        return
    picker = hands.random.choice(pickers)
    row = hands.random.randrange(max(1, picker.field.count()))
    hands.note(f"choose the axis {picker.field.itemText(row)!r}")
    picker.field.setCurrentIndex(row)
    picker.field.activated.emit(row)
    if picker.numbers.isVisible():
        picker.numbers.setText(hands.random.choice(["0.5, 1", "1", "", "x, y", "1e99, nan", "0;1"]))
        picker.numbers.editingFinished.emit()
    elif picker.list.count():
        item = picker.list.item(hands.random.randrange(picker.list.count()))
        ticked = item.checkState() == Qt.CheckState.Checked
        item.setCheckState(Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked)
        picker.menu.aboutToHide.emit()


def open_a_lesson(hands: Hands) -> None:
    if QApplication.activeModalWidget() is None:
        path = hands.random.choice(sorted(LESSONS.glob("*/lesson.md")))
        hands.note(f"open the lesson {path.parent.name}")
        hands.window.lessons.open(path.parent)


def answer_a_question(hands: Hands) -> None:
    """Or turn the page of the lesson."""
    pane = hands.window.lesson_pane
    choices: list[QWidget] = [*hands.seen(Choice, pane), *hands.seen(QLineEdit, pane)]
    if choices and hands.random.random() < 0.5:
        hands.note("answer the question")
        widget = hands.random.choice(choices)
        if isinstance(widget, QLineEdit):
            widget.setText(hands.random.choice(["0.5", "nan", "1e999", "x"]))
            widget.returnPressed.emit()
        else:
            hands.click(widget)
    elif hands.window.lessons.lesson is not None:
        hands.note("turn the page of the lesson")
        hands.window.lessons.turn(hands.random.choice([-1, 1, 1]))


def use_the_palette(hands: Hands) -> None:
    if QApplication.activeModalWidget() is not None or hands.stroke is not None:
        return
    word = hands.random.choice(["br", "comp", "sc", "the", "pres", "les", "gal", "fav", "zzz", "a"])
    hands.note(f"look for {word!r} in the palette")
    hands.key(Qt.Key.Key_P, _CTRL | _SHIFT)
    for letter in word:
        hands.key(Qt.Key(ord(letter.upper())))
    for _ in range(hands.random.randrange(4)):
        hands.key(Qt.Key.Key_Down)
    palettes = hands.seen(CommandPalette)
    chosen = palettes[0].chosen if palettes else None
    if chosen is not None and chosen.text.replace("&", "") not in _NEVER:
        hands.note(f"do {chosen.text!r}")
        hands.key(Qt.Key.Key_Return)
    else:
        hands.key(Qt.Key.Key_Escape)


# ---- trainings -----------------------------------------------------------------------------------


def fill_in_a_training(hands: Hands, name: str = "") -> None:
    """Ask for a small one in the form. It is started in a beat of its own: to fill in takes a
    person far longer than the window."""
    training, form = hands.window.training, hands.window.training.form
    if QApplication.activeModalWidget() is not None or training.running:
        return
    hands.window.show_training()
    if form.choices is None:
        return
    name = name or hands.random.choice(list(TRAINED))
    data = hands.files.sounds if name == "wavenet" else hands.files.pictures
    hands.note(f"fill in a training of {name}")
    form.choose(name)
    hands.filled_in = {"data": str(data), "epochs": "50", **TRAINED[name]}
    for key, text in hands.filled_in.items():
        if key in form.fields:
            form.fields[key].setText(text)


def start_the_training(hands: Hands) -> None:
    """The one that was filled in, where the form still asks for it: another may be large."""
    training, texts = hands.window.training, dict[str, str]()
    for key, field in training.form.fields.items():
        texts[key] = field.text()
    asked = hands.filled_in and texts.items() >= hands.filled_in.items()
    if asked and training.start.isVisible() and QApplication.activeModalWidget() is None:
        hands.note("start the training")
        hands.click(training.start)


def stop_the_training(hands: Hands) -> None:
    if hands.window.training.running:
        hands.note("stop the training")
        hands.window.training.stop()


# ---- what is open over the window ----------------------------------------------------------------


def answer(hands: Hands) -> bool:
    """Deal with a menu or dialog that is open; whether there was one."""
    if QApplication.activePopupWidget() or QApplication.activeModalWidget():
        hands.release()  # which may well close it
    popup, dialog = QApplication.activePopupWidget(), QApplication.activeModalWidget()
    if popup is not None:
        _answer_popup(hands, popup)
        return True
    if isinstance(dialog, QFileDialog):
        path = hands.random.choice([*hands.files.all, hands.files.folder / "made"])
        if dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave:
            kinds = ("png", "gif", "npy", "wav", "flac", "safetensors", "mp4", "scene.json", "xyz")
            path = hands.files.folder / f"{hands.random.randrange(4)}.{hands.random.choice(kinds)}"
        if hands.random.random() < 0.8:
            hands.note(f"choose {path} in {dialog.windowTitle()!r}")
            dialog.selectFile(str(path))
            hands.key(Qt.Key.Key_Return)
        else:
            hands.note(f"leave {dialog.windowTitle()!r}")
            dialog.reject()
        return True
    if isinstance(dialog, QDialog):
        buttons = [one for one in hands.seen(QAbstractButton, dialog) if _name(one) not in _NEVER]
        if buttons and hands.random.random() < 0.7:
            button = hands.random.choice(buttons)
            hands.note(f"press {_name(button)!r} in {dialog.windowTitle()!r}")
            hands.click(button)
        else:
            hands.note(f"leave {dialog.windowTitle()!r}")
            hands.key(Qt.Key.Key_Escape)
        return True
    return False


def _answer_popup(hands: Hands, popup: QWidget) -> None:
    if isinstance(popup, QMenu):
        entries = [
            action
            for action in popup.actions()
            if action.isEnabled()
            and not action.isSeparator()
            and action.menu() is None
            and action.text().replace("&", "") not in _NEVER
        ]
        if entries and hands.random.random() < 0.6:
            entry = hands.random.choice(entries)
            hands.note(f"choose {entry.text()!r} from the menu")
            popup.close()
            entry.trigger()
            return
    hands.note("close what has popped up")
    popup.close()


def _name(button: QAbstractButton) -> str:
    return button.accessibleName() or button.text().replace("&", "") or button.objectName()


ACTIONS: list[tuple[int, Callable[[Hands], None]]] = [
    (12, choose_a_card),
    (4, drop_a_checkpoint),
    (4, drop_a_file),
    (4, drop_a_bad_file),
    (24, begin_a_stroke),
    (60, go_on_with_the_stroke),
    (20, end_the_stroke),
    (4, move_the_pointer),
    (5, turn_the_wheel),
    (14, press_a_button),
    (8, choose_a_number_of_samples),
    (4, type_a_number),
    (4, turn_a_number),
    (6, choose_from_a_box),
    (6, pull_a_slider),
    (30, press_a_key),
    (10, press_a_key_with_ctrl),
    (4, open_a_menu),
    (1, turn_light_or_dark),
    (2, resize),
    (3, show_or_hide_a_dock),
    (3, show_the_library),
    (3, change_the_page),
    (4, drop_a_scene),
    (3, paste_a_scene),
    (1, copy_the_scene),
    (4, take_a_bar),
    (4, change_a_pixel),
    (5, choose_branches),
    (5, choose_an_axis),
    (2, open_a_lesson),
    (5, answer_a_question),
    (4, use_the_palette),
    (2, lambda hands: fill_in_a_training(hands)),
    (2, start_the_training),
    (3, stop_the_training),
]
