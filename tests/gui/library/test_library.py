"""The library shows what there is, finds it, and lets the person choose,
with the mouse and with keys."""

import html
import json
import os
import struct
import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QFile, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QListWidgetItem, QMessageBox, QPushButton

import models.registry
from studio.engine.checkpoints.places import own_folder
from studio.engine.checkpoints.words import in_short
from studio.gui.library import library as module
from studio.gui.library import recent
from studio.gui.library.entries import Entry
from studio.gui.library.library import Library
from studio.gui.library.library_card import ENTRY, IMAGE, IN_USE, broken
from studio.gui.library.renaming import NameDialog
from tests.tiny import tiny_checkpoint

PICTURE = (  # 2 x 2 pixels, grey
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNg+M/wnwEABgAB/4/x/JoAAAAASUVORK5CYII="
)


def checkpoint(path: Path, **card: object) -> Path:
    """A safetensors file with a card and no weights."""
    whole = {
        "format": 1,
        "model": "pixelcnn",
        "config": {},
        "data": "mnist",
        "preparation": "thresholded",
    } | card
    header = json.dumps({"__metadata__": {"card": json.dumps(whole)}}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    return path


@pytest.fixture
def entries(tmp_path, monkeypatch):
    """A folder of the studio's three checkpoints, and an empty home of the person."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    folder = tmp_path / "shipped"
    figures = {"metrics": {"bits_per_dim": 0.10812}, "parameters": 181_234}
    names = [
        checkpoint(
            folder / "pixelcnn.safetensors", shape=[1, 28, 28], thumbnail=PICTURE, **figures
        ),
        checkpoint(
            folder / "gated.safetensors",
            model="gated",
            shape=[1, 28, 28],
            classes=list("0123456789"),
        ),
        checkpoint(
            folder / "wavenet.safetensors", model="wavenet", shape=[1, 16000], data="speech"
        ),
    ]
    monkeypatch.setattr(
        "studio.gui.library.entries.shipped",
        lambda: {path.stem: path for path in names if path.exists()},
    )
    return folder


@pytest.fixture
def make_library(qtbot, qapp, entries):
    made = []

    def make() -> Library:
        library = Library()
        qtbot.addWidget(library)
        made.append(library)
        library.resize(320, 600)
        with qtbot.waitExposed(library):
            library.show()
        library.refresh()
        qtbot.waitUntil(lambda: library._job is None, timeout=20_000)
        return library

    yield make
    for library in made:
        library.close_down()


@pytest.fixture
def library(make_library):
    return make_library()


def shown(library: Library) -> list[str]:
    return [item.data(ENTRY).title for item in library._items() if not item.isHidden()]


def card(library: Library, title: str) -> QListWidgetItem:
    return next(item for item in library._items() if item.data(ENTRY).title == title)


def click(qtbot, library: Library, title: str) -> None:
    place = library.list.visualItemRect(card(library, title)).center()
    qtbot.mouseClick(library.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_every_checkpoint_has_a_card(library):
    assert shown(library) == ["pixelcnn", "gated", "wavenet"]


def test_a_card_says_what_the_model_is(library):
    entry = card(library, "pixelcnn").data(ENTRY)
    assert entry.about == "mnist · thresholded"
    assert entry.figures == "0.1081 bits/dim · 181k weights"
    assert card(library, "gated").data(ENTRY).about == "mnist · thresholded · 10 classes"
    spoken = card(library, "pixelcnn").data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == (
        "pixelcnn, mnist · thresholded, 0.1081 bits/dim · 181k weights, "
        "trained on all 60,000 training images; no validation part"
    )


def test_a_model_that_is_conditioned_on_what_is_painted_is_conditional(tmp_path):
    entry = Entry.read(
        tiny_checkpoint(tmp_path, "gated-pixelcnn-map", data="mnist", preparation="thresholded"),
        "own",
    )
    assert entry.conditional
    assert entry.about == "gated-pixelcnn-map · mnist · thresholded · painted map"
    assert not Entry.read(tiny_checkpoint(tmp_path), "own").conditional


def test_a_model_without_a_likelihood_shows_its_own_figure_and_that_it_cannot_generate(
    make_library,
):
    figures = {"reconstruction_bits": 0.0871, "pixels_right": 0.97}
    checkpoint(
        own_folder() / "clean.safetensors",
        autoregressive=False,
        metrics=figures,
        parameters=1_700_000,
    )
    entry = card(make_library(), "clean").data(ENTRY)
    assert entry.about.endswith("cannot generate")
    assert entry.figures == "0.0871 bits/dim to reconstruct · 1.7M weights"


def test_a_count_is_written_in_short():
    counts = (7, 999, 181_234, 999_700, 3_271_696, 31_000_000)
    assert [in_short(count) for count in counts] == ["7", "999", "181k", "1.0M", "3.3M", "31M"]


def test_one_click_chooses(qtbot, library, entries):
    with qtbot.waitSignal(library.checkpoint_chosen) as chosen:
        click(qtbot, library, "gated")
    assert chosen.args == [entries / "gated.safetensors"]


def test_arrows_and_enter_choose(qtbot, library, entries):
    library.search.setFocus()
    qtbot.keyClick(library.search, Qt.Key.Key_Down)
    qtbot.keyClick(library.list, Qt.Key.Key_Down)
    with qtbot.waitSignal(library.checkpoint_chosen) as chosen:
        qtbot.keyClick(library.list, Qt.Key.Key_Return)
    assert chosen.args == [entries / "gated.safetensors"]


def in_use(library: Library) -> list[str]:
    return [item.data(ENTRY).title for item in library._items() if item.data(IN_USE)]


def test_a_model_that_a_filter_hides_is_shown_when_it_is_opened(library, entries):
    library.audio.click()
    library.search.setText("speech")
    library.set_current(entries / "gated.safetensors")
    assert in_use(library) == ["gated"]
    assert "gated" in shown(library)
    assert not library.audio.isChecked()


def test_the_highlight_follows_what_is_on_the_stage(qtbot, library, entries):
    click(qtbot, library, "pixelcnn")
    library.set_current(entries / "gated.safetensors")
    assert library.list.currentItem() is card(library, "gated")
    assert in_use(library) == ["gated"]


def test_a_filter_stays_where_it_shows_the_model_that_is_opened(library, entries):
    library.audio.click()
    library.set_current(entries / "wavenet.safetensors")
    assert library.audio.isChecked()


def test_a_model_that_is_opened_before_its_card_is_read_is_shown_then(
    qtbot, library, entries, tmp_path
):
    library.audio.click()
    path = checkpoint(own_folder() / "new.safetensors", shape=[1, 28, 28])
    library.set_current(path)
    library.refresh()
    qtbot.waitUntil(lambda: library._job is None, timeout=20_000)
    assert in_use(library) == ["new"]
    assert library.list.currentItem() is card(library, "new")
    assert "new" in shown(library)


def test_the_card_of_the_model_on_the_stage_is_seen_whole_and_so_are_those_above(library, entries):
    step = library.list.visualItemRect(library.list.item(0)).height()
    spare = library.list.viewport().height() - 3 * step // 2
    library.resize(library.width(), library.height() - spare)
    library.grab()
    library.set_current(entries / "gated.safetensors")
    place = library.list.visualItemRect(card(library, "gated"))
    assert library.list.viewport().rect().contains(place)
    assert place.top() % step == 0


def test_search_finds_words_of_the_card(qtbot, library):
    qtbot.keyClicks(library.search, "MNIST classes")
    assert shown(library) == ["gated"]
    library.search.clear()
    assert len(shown(library)) == 3


def test_chips_filter(qtbot, library):
    for chips, left in (
        (["images"], ["pixelcnn", "gated"]),
        (["audio"], ["wavenet"]),
        (["images", "audio"], ["pixelcnn", "gated", "wavenet"]),
        (["conditional"], ["gated"]),
        (["audio", "conditional"], []),
    ):
        buttons = [getattr(library, chip) for chip in chips]
        for button in buttons:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert shown(library) == left
        assert library.empty.isVisible() == (not left)
        for button in buttons:
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_models_of_colour_say_so_and_can_be_found(qtbot, make_library, entries):
    checkpoint(
        own_folder() / "gated-emoji.safetensors",
        model="gated",
        shape=[3, 32, 32],
        data="emoji",
        preparation="rgb-256",
        classes=list("0123456789"),
    )
    library = make_library()
    assert (
        card(library, "gated-emoji").data(ENTRY).about
        == "emoji · rgb-256 · 10 classes · 32 × 32 colour"
    )
    qtbot.mouseClick(library.colour, Qt.MouseButton.LeftButton)
    assert shown(library) == ["gated-emoji"]
    qtbot.mouseClick(library.colour, Qt.MouseButton.LeftButton)
    library.search.setText("32 × 32 colour")
    assert shown(library) == ["gated-emoji"]


def test_what_is_too_long_for_a_line_of_a_card_goes_on_two(qapp):
    metrics = QFontMetrics(qapp.font())
    text = "emoji · rgb-256 · 10 classes · 32 × 32 colour"
    width = metrics.horizontalAdvance(text)
    assert broken(text, metrics, width) == [text]
    assert broken(text, metrics, width - 1) == ["emoji · rgb-256 · 10 classes", "32 × 32 colour"]
    assert broken("mnist", metrics, 1) == ["mnist"]


def test_nothing_found_says_what_to_do(qtbot, library):
    qtbot.keyClicks(library.search, "zebra")
    assert "Clear the search box" in library.empty.text()


def test_an_empty_library_says_what_to_do(make_library, entries):
    for path in entries.iterdir():
        path.unlink()
    library = make_library()
    assert library.empty.isVisible()
    assert "Train a model" in library.empty.text()


def test_train_new_asks_for_a_training(qtbot, library):
    with qtbot.waitSignal(library.train_requested):
        qtbot.mouseClick(library.train_button, Qt.MouseButton.LeftButton)


def test_a_damaged_file_says_so_and_is_not_chosen(qtbot, make_library, entries):
    (entries / "gated.safetensors").write_bytes(b"\x80\x02 this is a pickle")
    library = make_library()
    assert card(library, "gated").data(ENTRY).problem.startswith('"gated.safetensors" is a pickle')
    with (
        qtbot.assertNotEmitted(library.checkpoint_chosen),
        qtbot.waitSignal(library.failed) as failed,
    ):
        click(qtbot, library, "gated")
    assert "pickle" in failed.args[0]
    assert library.grab().toImage().width() > 0


def test_the_pixels_of_a_thumbnail_stay_crisp(library):
    """A picture of 2 x 2 becomes 64 x 64: black, white / white, black, with nothing between."""
    image = library.grab().toImage()
    middle = library.list.viewport().mapTo(
        library, library.list.visualItemRect(card(library, "pixelcnn")).center()
    )
    row = [image.pixelColor(x, middle.y() - 12).lightness() for x in range(middle.x())]
    start = row.index(0)
    assert row[start : start + 64] == [0] * 32 + [255] * 32


def test_a_thumbnail_that_is_larger_than_its_frame_is_fitted_into_it(library, entries):
    library.set_thumbnail(
        entries / "pixelcnn.safetensors", np.full((60, 180, 3), (255, 0, 0), np.uint8)
    )
    image = library.grab().toImage()
    corner = library.list.viewport().mapTo(
        library, library.list.visualItemRect(card(library, "pixelcnn")).topLeft()
    )
    middle = corner.y() + library.list.visualItemRect(card(library, "pixelcnn")).height() // 2
    red = [
        x for x in range(library.width()) if image.pixelColor(x, middle).getRgb()[:3] == (255, 0, 0)
    ]
    assert len(red) in (63, 64)
    assert red[0] > corner.x()


def test_a_new_thumbnail_stays_when_the_cards_are_read_again(qtbot, library, entries):
    path = entries / "gated.safetensors"
    library.set_thumbnail(path, np.full((28, 28), 77, np.uint8))
    assert card(library, "gated").data(IMAGE).pixelColor(3, 3).red() == 77
    library.set_thumbnail(
        entries / "pixelcnn.safetensors", np.full((5, 5, 3), (200, 100, 50), np.uint8)
    )
    assert card(library, "pixelcnn").data(IMAGE).pixelColor(4, 4).getRgb()[:3] == (200, 100, 50)
    library.refresh()
    qtbot.waitUntil(lambda: library._job is None)
    assert card(library, "gated").data(IMAGE).pixelColor(3, 3).red() == 77


def test_the_model_on_the_stage_is_marked_alone(library, entries):
    library.set_current(entries / "gated.safetensors")
    library.set_current(entries / "pixelcnn.safetensors")
    assert [bool(item.data(IN_USE)) for item in library._items()] == [True, False, False]


def test_own_checkpoints_and_runs_are_there_too(make_library):
    checkpoint(own_folder() / "my sevens.safetensors", shape=[1, 28, 28])
    run = own_folder().parent / "runs" / "made-20260101"
    checkpoint(run / "latest.safetensors", model="made")
    (run / "config.json").write_text("{}")
    unfinished = own_folder().parent / "runs" / "made-20260102"
    unfinished.mkdir()
    (unfinished / "config.json").write_text("{}")
    library = make_library()
    assert sorted(shown(library)[:2]) == ["made-20260101", "my sevens"]
    assert shown(library)[2:] == ["pixelcnn", "gated", "wavenet"]
    assert card(library, "my sevens").data(ENTRY).about == "pixelcnn · mnist · thresholded"


def trained(name: str, written: float) -> Path:
    """A run of that name; returns its checkpoint."""
    folder = own_folder().parent / "runs" / name
    path = checkpoint(folder / "latest.safetensors", model="made")
    (folder / "config.json").write_text("{}")
    os.utime(path, (written, written))
    return path


def test_what_the_person_made_comes_first_and_of_that_the_newest(make_library):
    for name, written in (("old", 100), ("new", 300)):
        trained(name, written)
    between = checkpoint(own_folder() / "between.safetensors")
    os.utime(between, (200, 200))
    assert shown(make_library())[:4] == ["new", "between", "old", "pixelcnn"]


def actions(library: Library, title: str) -> dict[str, bool]:
    """What can be chosen in the menu of a card, and whether it can."""
    return {
        action.text(): action.isEnabled() for action in library.menu(card(library, title)).actions()
    }


def test_what_comes_with_the_studio_cannot_be_deleted_or_renamed(library):
    can = actions(library, "gated")
    assert can == {"Open": True, "Show in folder": True, "Rename…": False, "Delete…": False}


def rename(qtbot, library: Library, old: str, new: str) -> NameDialog:
    """Press F2 on a card, type another name and press Enter."""
    click(qtbot, library, old)
    qtbot.keyClick(library.list, Qt.Key.Key_F2)
    dialog = library.findChild(NameDialog)
    assert dialog is not None
    qtbot.keyClicks(dialog.name, new)
    qtbot.keyClick(dialog.name, Qt.Key.Key_Return)
    return dialog


def test_a_run_is_called_something_else_by_f2(qtbot, make_library):
    path = trained("made-20260101", 100)
    library = make_library()
    library.set_current(path)
    with qtbot.waitSignal(library.renamed) as renamed:
        rename(qtbot, library, "made-20260101", "my digits")
    qtbot.waitUntil(lambda: library._job is None, timeout=20_000)
    new = path.parent.with_name("my digits") / path.name
    assert renamed.args == [path, new]
    assert new.is_file()
    assert shown(library)[0] == "my digits"
    assert card(library, "my digits").data(IN_USE)


def test_a_name_that_cannot_be_one_is_refused_where_it_is_typed(qtbot, make_library):
    trained("mine", 100)
    dialog = rename(qtbot, make_library(), "mine", "a/b")
    assert dialog.isVisible()
    assert "cannot contain the character /" in dialog.complaint.text()
    qtbot.keyClick(dialog.name, Qt.Key.Key_Escape)


def test_a_run_that_is_being_trained_keeps_its_name(qtbot, make_library):
    trained("mine", 100)
    library = make_library()
    library.renaming.in_use = lambda path: f'"{path.parent.name}" is being trained.'
    click(qtbot, library, "mine")
    with qtbot.waitSignal(library.failed) as failed:
        qtbot.keyClick(library.list, Qt.Key.Key_F2)
    assert failed.args == ['"mine" is being trained.']


def test_a_checkpoint_from_elsewhere_enters_the_library_and_is_remembered(
    qtbot, make_library, tmp_path
):
    path = checkpoint(tmp_path / "download" / "theirs.safetensors")
    library = make_library()
    library.set_current(path)
    qtbot.waitUntil(lambda: library._job is None, timeout=20_000)
    assert shown(library)[0] == "theirs"
    library = make_library()  # at the next start
    assert shown(library)[0] == "theirs"
    assert actions(library, "theirs")["Remove from the library"]
    click(qtbot, library, "theirs")
    qtbot.keyClick(library.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: library._job is None, timeout=20_000)
    assert "theirs" not in shown(library)
    assert path.is_file()


def test_of_those_from_elsewhere_a_dozen_are_remembered_and_missing_ones_dropped(tmp_path):
    paths = [checkpoint(tmp_path / f"{number}.safetensors") for number in range(14)]
    for path in paths:
        recent.remember(path)
    assert recent.recent() == paths[:1:-1]
    paths[13].unlink()
    assert recent.recent() == paths[12:1:-1]
    assert not recent.remember(paths[5])  # it is known already, and comes first now
    assert recent.recent()[0] == paths[5]


def test_the_library_shows_odd_cards_shortened_and_as_plain_text(make_library):
    for number, odd in enumerate(
        ("<img src=x>" * 10**5, 7, {"a": 1}, "a\x00\n\x1b[2J", [1], 1e999)
    ):
        checkpoint(
            own_folder() / f"odd <b>{number}.safetensors",
            **dict.fromkeys(("data", "preparation", "classes", "metrics", "thumbnail"), odd),
        )
    library = make_library()
    assert sum(title.startswith("odd <b>") for title in shown(library)) == 6
    library.grab()
    for item in library._items():
        assert len(item.toolTip()) < 4000
        assert "<b>" not in item.toolTip()
        assert "<img" not in item.toolTip()


def test_a_card_tells_what_the_model_does_and_what_its_figure_means(library):
    tip = card(library, "pixelcnn").toolTip()
    variant = models.registry.variant("pixelcnn")
    for sentence in (variant.does, variant.look_for, str(variant.published)):
        assert html.escape(sentence) in tip
    assert "Less is better" in tip


@pytest.mark.parametrize("yes", [True, False])
def test_deleting_asks_first(qtbot, make_library, monkeypatch, yes):
    path = checkpoint(own_folder() / "old.safetensors")

    def trash(name: str) -> bool:
        os.remove(name)
        return True

    monkeypatch.setattr(QFile, "moveToTrash", trash)
    library = make_library()
    library.menu(card(library, "old")).actions()[-1].trigger()
    question = library.findChild(QMessageBox)
    assert question is not None
    assert path.exists()
    wanted = "Move to trash" if yes else "Cancel"
    button = next(
        b for b in question.findChildren(QPushButton) if b.text().replace("&", "") == wanted
    )
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: library._job is None)
    assert path.exists() is not yes
    assert ("old" in shown(library)) is not yes


def test_closing_while_it_reads_leaves_nothing_running(qtbot, qapp, entries, monkeypatch):
    reading = threading.Event()

    def read(job, recent):
        reading.set()
        job.token.wait(10)
        return []

    monkeypatch.setattr(module, "read_entries", read)
    library = Library()
    qtbot.addWidget(library)
    library.show()
    library.refresh()
    assert reading.wait(5)
    assert "Reading" in library.empty.text()
    library.close()
    assert not any(thread.name == "library" for thread in threading.enumerate())


def test_a_refresh_that_comes_while_it_reads_reads_once_more(qtbot, qapp, entries, monkeypatch):
    times = []

    def read(job, recent):
        times.append(1)
        job.token.wait(0.1)
        return []

    monkeypatch.setattr(module, "read_entries", read)
    library = Library()
    qtbot.addWidget(library)
    library.refresh()
    library.refresh()
    library.refresh()
    qtbot.waitUntil(lambda: library._job is None)
    assert len(times) == 2


def test_a_job_that_fails_is_reported(qtbot, qapp, entries, monkeypatch):
    def read(job, recent):
        raise OSError("the disk is gone")

    monkeypatch.setattr(module, "read_entries", read)
    library = Library()
    qtbot.addWidget(library)
    with qtbot.waitSignal(library.failed) as failed:
        library.refresh()
    assert failed.args == ["The library could not be read: the disk is gone"]


def test_every_control_has_a_tooltip_and_a_name(library):
    for control in (
        library.search,
        library.images,
        library.audio,
        library.conditional,
        library.list,
        library.train_button,
    ):
        assert control.toolTip()
        assert control.accessibleName()
