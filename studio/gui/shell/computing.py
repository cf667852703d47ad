"""What computes, in the status bar: the device and the way to draw; a click changes them. The same
menu stands under Generate."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from studio.engine.generation.decoders import GRAPH, PARALLEL, SEQUENTIAL, decoders_for
from studio.engine.generation.sampling_options import refusal_to_decode
from studio.gui.session import Session
from studio.gui.widgets.controls import action, offer
from studio.gui.widgets.translation import tr

TITLE = "Computing"
_NO_GPU = "No GPU was found: everything is computed on the processor"
_DEVICES = {  # those that every machine has: (text, tip)
    "auto": ("Automatic", "The best device that there is"),
    "cpu": ("Processor", "Leave a GPU to others"),
}
_DECODERS = {  # (text, tip)
    SEQUENTIAL: ("Pixel by pixel", "One pixel after the other, each in the light of those before"),
    PARALLEL: ("All at once", "All pixels in each pass, until nothing changes"),
    GRAPH: (
        "Captured",
        (
            "Pixel by pixel, a row of them captured and run as one. On the processor this takes"
            " some seconds once, while nothing is drawn"
        ),
    ),
}
_FASTEST = "The fastest way that was measured here; before that, pixel by pixel"
_MEASURE = "Draw a picture in every way and keep which was the fastest: seconds"


class ComputingMenu(QMenu):
    """Devices, of which one is chosen; ways to draw, likewise; and to measure these."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(tr(TITLE), parent)
        self.setObjectName(TITLE)
        self.setToolTipsVisible(True)
        self._session = session
        self.addSection(tr("Device"))
        self._devices = QActionGroup(self)
        self.device: dict[str, QAction] = {}
        for name, (text, tip) in _DEVICES.items():
            self._add_device(name, text, tip)
        self.none = action(self, "No GPU found", tip=_NO_GPU)
        self.none.setEnabled(False)
        self._after_devices = self.addSection(tr("Way to draw"))
        group = QActionGroup(self)
        computing = session.computing
        self.automatic = action(self, "The fastest", computing.decode_automatically, tip=_FASTEST)
        self.decoder = {
            name: action(self, text, partial(computing.choose_decoder, name), tip=tip)
            for name, (text, tip) in _DECODERS.items()
        }
        for one in (self.automatic, *self.decoder.values()):
            one.setCheckable(True)
            group.addAction(one)
        self._texts = {name: one.text() for name, one in self.decoder.items()}
        self.addSeparator()
        self.measure = action(self, "Measure now", partial(computing.measure), tip=_MEASURE)
        self.aboutToShow.connect(self.show_state)
        computing.changed.connect(self.show_state)
        session.model_changed.connect(self.show_state)
        self.show_state()

    def _add_device(self, name: str, text: str, tip: str) -> None:
        choose = partial(self._session.computing.choose_device, name)
        made = self.device[name] = action(self, text, choose, tip=tip)
        made.setCheckable(True)
        self._devices.addAction(made)
        if name not in _DEVICES:
            self.insertAction(self._after_devices, made)

    def show_state(self) -> None:
        """What there is, what is chosen, and what cannot be."""
        session = self._session
        computing, model, options = session.computing, session.model, session.options
        for name, text in computing.devices.items():
            if name not in self.device:
                self._add_device(name, text, text)
        self.none.setVisible(computing.devices.keys() <= _DEVICES.keys())
        wanted = computing.device if computing.device in self.device else "auto"
        self.device[wanted].setChecked(True)
        there = [] if model is None else decoders_for(model)
        shown = self.automatic if computing.automatic else self.decoder[options.decode]
        shown.setChecked(True)
        seconds = {} if computing.choice is None else computing.choice.seconds
        for name, one in self.decoder.items():
            refusal = "Choose a model in the library first."
            if model is not None:
                refusal = refusal_to_decode(replace(options, decode=name), model)
            offer(one, name in there and not refusal, refusal)
            one.setVisible(name != GRAPH or name in there)
            took = seconds.get(name)
            one.setText(self._texts[name] + ("" if took is None else f"\t{took:.2g} s"))
        offer(self.automatic, len(there) > 1, "This model draws in one way only.")
        offer(self.measure, not computing.why_not_measure, computing.why_not_measure)


class ComputingStatus(QToolButton):
    """Hidden before there is a model."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.computing = ComputingMenu(session, self)
        self.setMenu(self.computing)
        self.setToolTip(tr("What computes, and how it draws: click to change"))
        session.model_changed.connect(self._show)
        session.options_changed.connect(self._show)
        session.computing.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        session = self._session
        self.setVisible(session.model is not None)
        if session.model is None:
            return
        parts = [tr(session.computing.computes_on)]
        if decoders_for(session.model):
            parts.append(tr(_DECODERS[session.options.decode][0]).lower())
        text = " · ".join(parts)
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(f"{tr(TITLE)}: {text}")
