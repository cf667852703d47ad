"""The form of a training: it offers what there is, keeps what was typed, and asks only for what
differs from the defaults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog
from pytestqt.qtbot import QtBot

from models.recipe import Recipe
from studio.engine.runtime.errors import StudioError
from studio.engine.training.record import Record
from studio.gui.training.choices import (
    Choices,
    ModelChoice,
    Setting,
    cost_in_words,
    look_around,
    run_folder,
    texts_of,
)
from studio.gui.training.form import FIRST_ASKED, TrainingForm

SMALL_RECIPE = tuple(
    Setting(key, default, "")
    for key, default in {
        "data": "mnist",
        "preparation": "thresholded",
        "epochs": "4",
        "minutes": "0",
        "batch": "32",
        "rate": "0.002",
        "seed": "0",
    }.items()
)
SOUND_RECIPE = (
    Setting("data", "speech", ""),
    Setting("preparation", "mu-law-256", ""),
    *SMALL_RECIPE[2:],
)
CHOICES = Choices(
    models=(
        ModelChoice(
            "one",
            "The first of them",
            SMALL_RECIPE,
            (Setting("width", "8", "How wide it is", "Width"),),
            data_sets=("mnist", "emoji"),
        ),
        ModelChoice(
            "two",
            "The second of them",
            SMALL_RECIPE,
            (Setting("hidden", "16", "How much is hidden"),),
            data_sets=("mnist", "emoji"),
        ),
        ModelChoice(
            "voice", "One that speaks", SOUND_RECIPE, (), kind="sound", data_sets=("speech",)
        ),
    ),
    devices=("auto", "cpu"),
    runs=(),
)


@pytest.fixture
def form(qtbot: QtBot) -> TrainingForm:
    form = TrainingForm()
    qtbot.addWidget(form)
    form.resize(440, 500)
    form.offer(CHOICES)
    with qtbot.waitExposed(form):
        form.show()
    return form


def write(qtbot: QtBot, form: TrainingForm, key: str, text: str) -> None:
    """Type over what a line says."""
    form.fields[key].selectAll()
    qtbot.keyClicks(form.fields[key], text)


def test_untouched_it_asks_for_the_first_model_with_its_own_recipe(form: TrainingForm) -> None:
    request = form.request()
    assert (request.model, request.changes, request.device, request.folder) == (
        "one",
        {},
        "auto",
        None,
    )
    assert "The first of them" in form.summary.text()


def test_the_form_says_what_a_model_costs(qtbot: QtBot) -> None:
    form = TrainingForm()
    qtbot.addWidget(form)
    cost = "3.3M weights; the shipped one took about 16 minutes."
    form.offer(replace(CHOICES, models=(replace(CHOICES.models[0], cost=cost),)))
    assert form.summary.text() == f"The first of them. {cost}"


def test_the_cost_is_that_of_the_model_that_ships() -> None:
    card = {"parameters": 3_271_696, "seconds": 950.0, "machine": "AMD EPYC, 1 thread"}
    assert cost_in_words(card) == (
        "3.3M weights; the shipped one took about 16 minutes (AMD EPYC, 1 thread)."
    )
    assert cost_in_words({"parameters": 180_129}) == "180k weights."
    assert cost_in_words({}) == ""


def test_what_is_typed_is_asked_for(form: TrainingForm, qtbot: QtBot) -> None:
    write(qtbot, form, "epochs", "0.5")
    write(qtbot, form, "preparation", "grey-8")
    assert form.request().changes == {"epochs": "0.5", "preparation": "grey-8"}


def choose_unit(qtbot: QtBot, form: TrainingForm, unit: str) -> None:
    """With the keyboard."""
    form.how_long.unit.setFocus()
    key = Qt.Key.Key_Down if unit == "minutes" else Qt.Key.Key_Up
    qtbot.keyClick(form.how_long.unit, key)


def test_minutes_are_asked_for_in_the_place_of_epochs(form: TrainingForm, qtbot: QtBot) -> None:
    assert form.fields["epochs"].isVisible()
    assert not form.fields["minutes"].isVisible()
    choose_unit(qtbot, form, "minutes")
    assert not form.fields["epochs"].isVisible()
    assert form.request().changes == {"minutes": "20"}, "a suggestion"
    qtbot.keyClicks(form.fields["minutes"], "0.5")  # which is chosen, to be written over
    assert form.fields["minutes"].isVisible()
    assert form.request().changes == {"minutes": "0.5"}
    choose_unit(qtbot, form, "epochs")
    assert form.fields["epochs"].isVisible()
    assert form.request().changes == {}
    choose_unit(qtbot, form, "minutes")
    assert form.request().changes == {"minutes": "0.5"}, "what was written is still there"
    qtbot.mouseClick(form.defaults, Qt.MouseButton.LeftButton)
    assert form.fields["epochs"].isVisible()
    assert form.request().changes == {}


def test_minutes_are_estimated_by_the_training_of_the_shipped_model(qtbot: QtBot) -> None:
    form = TrainingForm()
    qtbot.addWidget(form)
    record = Record(4, 3600, "0.1066 bits/dim", "a laptop")
    form.offer(replace(CHOICES, models=(replace(CHOICES.models[0], record=record),)))
    assert form.promise.isHidden()
    form.fields["minutes"].setText("30")
    assert form.how_long.by_clock
    assert form.promise.text() == record.promise(30)
    assert not form.promise.isHidden()
    form.fields["width"].setText("16")
    assert form.promise.text() == record.promise(30, {"width"})
    form.fields["minutes"].setText("half an hour")
    assert form.promise.isHidden()


def test_what_a_training_can_begin_with_is_offered(qtbot: QtBot) -> None:
    start = Setting("start", "", "What it begins with", "Start from")
    form = TrainingForm()
    qtbot.addWidget(form)
    model = replace(CHOICES.models[0], recipe=(*SMALL_RECIPE, start), starts=("one", "my run"))
    form.offer(replace(CHOICES, models=(model,)))
    box = form.fields["start"].parent()
    assert isinstance(box, QComboBox)
    assert [box.itemText(row) for row in range(box.count())] == ["", "one", "my run"]
    box.setCurrentIndex(2)
    assert form.request().changes == {"start": "my run"}


def test_the_other_settings_fold_out(form: TrainingForm, qtbot: QtBot) -> None:
    assert not form.fields["width"].isVisible()
    qtbot.mouseClick(form.more, Qt.MouseButton.LeftButton)
    assert form.fields["width"].isVisible()
    assert form.fields["width"].toolTip() == "How wide it is"
    assert form.fields["width"].accessibleName() == "Width"
    write(qtbot, form, "width", "12")
    assert form.request().changes == {"width": "12"}


def test_another_model_brings_its_own_settings_and_keeps_what_was_typed(
    form: TrainingForm, qtbot: QtBot
) -> None:
    write(qtbot, form, "epochs", "9")
    write(qtbot, form, "width", "12")
    form.choose("two")
    assert "width" not in form.fields
    assert form.fields["hidden"].text() == "16"
    assert form.request().changes == {"epochs": "9"}
    qtbot.mouseClick(form.defaults, Qt.MouseButton.LeftButton)
    assert form.request().changes == {}


def test_data_with_a_recipe_of_their_own_bring_its_settings(qtbot: QtBot) -> None:
    own = (
        *(replace(s, default="50") if s.key == "epochs" else s for s in SMALL_RECIPE),
        Setting("width", "64", ""),
    )
    form = TrainingForm()
    qtbot.addWidget(form)
    form.offer(replace(CHOICES, models=(replace(CHOICES.models[0], others={"emoji": own}),)))
    write(qtbot, form, "batch", "8")
    write(qtbot, form, "data", "emoji")
    assert (
        form.fields["epochs"].text(),
        form.fields["width"].text(),
        form.fields["batch"].text(),
    ) == ("50", "64", "8")
    assert form.fields["data"].text() == "emoji"
    assert form.request().changes == {"data": "emoji", "batch": "8"}
    form.reset()
    assert (form.fields["epochs"].text(), form.fields["width"].text()) == ("4", "8")
    assert form.request().changes == {}


def test_a_model_that_does_not_exist_changes_nothing(form: TrainingForm) -> None:
    form.choose("three")
    assert form.request().model == "one"


def test_a_file_or_folder_is_chosen_by_a_button(
    form: TrainingForm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *args, **kwargs: (str(tmp_path / "digits.npz"), "")
    )
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args, **kwargs: str(tmp_path))
    file, folder = form.data.browse.menu().actions()
    file.trigger()
    assert form.request().changes == {"data": str(tmp_path / "digits.npz")}
    folder.trigger()
    assert form.request().changes == {"data": str(tmp_path)}


def test_a_model_is_offered_what_it_can_learn_from(form: TrainingForm, qtbot: QtBot) -> None:
    def offered(key: str) -> list[str]:
        combo = form.fields[key].parent()
        assert isinstance(combo, QComboBox)
        return [combo.itemText(row) for row in range(combo.count())]

    assert offered("data") == ["mnist", "emoji"]
    assert {"thresholded", "grey-16", "rgb-256"} < set(offered("preparation"))
    assert "mu-law-256" not in offered("preparation")
    write(qtbot, form, "preparation", "grey-8")
    write(qtbot, form, "epochs", "9")
    form.choose("voice")
    assert (offered("data"), offered("preparation")) == (["speech"], ["mu-law-256"])
    assert form.request().changes == {"epochs": "9"}, "grey is nothing for sound"
    form.choose("one")
    assert "mu-law-256" not in offered("preparation")
    assert form.request().changes == {"epochs": "9"}


def test_what_a_model_learns_from_is_offered_first(
    form: TrainingForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[str] = []

    def asked(*args: object, **kwargs: str) -> tuple[str, str]:
        offered.append(kwargs["filter"].split(" (")[0])
        return "", ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", asked)
    for model in ("one", "voice"):
        form.choose(model)
        form.data.browse.menu().actions()[0].trigger()
    assert offered == ["Data sets of pictures", "Recordings"]


def test_a_dialog_that_was_cancelled_changes_nothing(
    form: TrainingForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args, **kwargs: ("", ""))
    form.data.browse.menu().actions()[0].trigger()
    assert form.request().changes == {}


def test_a_run_is_named_or_has_a_place(user_data_folder: Path, tmp_path: Path) -> None:
    assert run_folder("") is None
    assert run_folder("mine") == user_data_folder / "runs" / "mine"
    assert run_folder(str(tmp_path / "there")) == tmp_path / "there"
    with pytest.raises(StudioError, match="cannot contain"):
        run_folder("a/b")


def test_the_form_knows_every_model_and_explains_every_setting() -> None:
    import models

    choices = look_around()
    assert [choice.name for choice in choices.models] == models.available()
    assert {"auto", "cpu"} <= set(choices.devices)
    for choice in choices.models:
        assert choice.summary == models.describe(choice.name)
        useless = {"labels", "flip", "orders"} if choice.kind == "sound" else {"window"}
        asked = set(Recipe().to_dict()) - {"config"} - useless
        assert {setting.key for setting in choice.recipe} == asked
        shaped = any(setting.key == "shape" for setting in choice.config)
        assert shaped == (choice.kind not in ("sound", "two stages")), choice.name
        for setting in (*choice.recipe, *choice.config):
            assert setting.meaning, f"{choice.name} does not say what {setting.key} means"
        assert set(FIRST_ASKED) < asked
        assert choice.name in choice.starts or choice.record is None


def test_what_a_setting_means_is_shown_while_it_is_set(form: TrainingForm, qtbot: QtBot) -> None:
    qtbot.mouseClick(form.more, Qt.MouseButton.LeftButton)
    form.activateWindow()
    form.fields["width"].setFocus()
    qtbot.waitUntil(lambda: form.meaning.text() == "Width: How wide it is.")
    assert form.meaning.isVisible()


def test_a_meaning_that_is_too_long_is_cut_and_whole_in_its_tip(form: TrainingForm) -> None:
    height = form.meaning.height()
    form.fields["seed"].setToolTip("very long words " * 40)
    QApplication.sendEvent(form.fields["seed"], QEvent(QEvent.Type.Enter))
    assert form.meaning.text().endswith("…")
    assert form.meaning.height() == height
    assert form.meaning.toolTip().count("very") > form.meaning.text().count("very")


def test_the_settings_of_a_run_are_written_over_the_defaults(
    form: TrainingForm, qtbot: QtBot
) -> None:
    write(qtbot, form, "epochs", "9")
    assert form.fill("two", {"data": "emoji", "rate": "0.5", "hidden": "32", "unknown": "1"})
    assert form.model.currentText() == "two"
    assert form.request().changes == {"data": "emoji", "rate": "0.5", "hidden": "32"}
    assert not form.fill("gone", {})


def test_the_settings_of_a_run_leave_out_what_its_data_say() -> None:
    texts = texts_of(Recipe(rate=0.01), {"levels": 2, "shape": [1, 8, 8], "dilations": [1, 2]})
    assert texts["rate"] == "0.01"
    assert texts["dilations"] == "1, 2"
    assert not texts.keys() & {"levels", "shape", "config"}
