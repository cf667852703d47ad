"""`Computing`: on which device the models of a session compute, and which way to decode they draw
by: as the person says, or the fastest one that was measured here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, QSettings, QTimer, Signal

from studio.engine.checkpoints.fingerprints import fingerprint
from studio.engine.generation.decoders import (
    BATCHES,
    GRAPH,
    SEQUENTIAL,
    SLOW_BY_SITE,
    Choice,
    batch_class,
    decoders_for,
)
from studio.engine.generation.sampling_options import SamplingOptions, refusal_to_decode
from studio.engine.runtime.jobs import Job

if TYPE_CHECKING:
    from models.interface import AutoregressiveModel, Model
    from studio.gui.session import Session

_DEVICE = "computing/device"  # in the settings
_REST_MILLISECONDS = 2000  # after a model was loaded, before anything is measured unasked
Looked = tuple[dict[str, str], dict[int, Choice]]


class Computing(QObject):
    """Belongs to a session, as `session.computing`.

    device: the name of what is computed on, "auto" for the best there is.
    devices: those that there are, by name; empty before there is a model.
    automatic: whether the fastest decoder that is known is taken; where none is, that of the
    options stays.
    choices: what was measured of the model in use, by number of pictures.
    Signals: changed(); told(sentence), what was found.
    """

    changed = Signal()
    told = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.device = str(QSettings().value(_DEVICE, "auto"))
        self.devices: dict[str, str] = {}
        self.automatic = True
        self.choices: dict[int, Choice] = {}
        self._taken: str | None = None  # the decoder that was taken because it is the fastest
        self._measuring: Job[Any] | None = None
        self._unasked = False  # whether nobody asked for what is measured
        self._rest = QTimer(self, interval=_REST_MILLISECONDS, singleShot=True)
        self._rest.timeout.connect(self._measure_unasked)
        session.model_changed.connect(self._begin_rest)
        session.snapshot.connect(self._make_way)
        session.options_changed.connect(self._follow)
        session.painting_changed.connect(self._follow)

    # ---- devices ---------------------------------------------------------------------------------

    def choose_device(self, name: str) -> None:
        """Compute there from now on: the model in use is loaded again."""
        if name == self.device:
            return
        self.device = name
        QSettings().setValue(_DEVICE, name)
        if self._session.checkpoint is not None:
            self._session.load(self._session.checkpoint)
        self.changed.emit()

    @property
    def computes_on(self) -> str:
        """The device of the model in use, as a person calls it; "" before there is one."""
        model = self._session.model
        if model is None:
            return ""
        name = str(model.device)
        return self.devices.get(name, self.devices.get(f"{name}:0", name))

    # ---- decoders --------------------------------------------------------------------------------

    def looked_up(self, model: Model, checkpoint: Path) -> Looked:
        """What is known here of a model that is loaded; for the job that loads it."""
        from studio.engine.generation.decoder_choice import known
        from studio.engine.runtime import devices

        weights = fingerprint(checkpoint)
        found = {batch: known(model, batch, weights) for batch in BATCHES}
        return devices.listed(), {batch: each for batch, each in found.items() if each is not None}

    def take(self, looked: Looked, options: SamplingOptions, model: Model) -> SamplingOptions:
        """Another model is about to be used, of which this is known; the options to draw it
        with."""
        self.devices, self.choices = looked
        return self._with_the_fastest(options, model)

    def choose_decoder(self, name: str) -> None:
        """As the person says, whatever is faster."""
        self.automatic = False
        self._session.change(decode=name)
        self.changed.emit()

    def decode_automatically(self) -> None:
        """The fastest one that is known, else one pixel after the other."""
        self.automatic = True
        session = self._session
        if session.model is not None:
            options = replace(session.options, decode=SEQUENTIAL)
            session.change(decode=self._with_the_fastest(options, session.model).decode)
        self.changed.emit()

    @property
    def choice(self) -> Choice | None:
        """What was measured for so many pictures as are drawn now."""
        return self.choices.get(batch_class(self._session.options.count))

    def _with_the_fastest(self, options: SamplingOptions, model: Model) -> SamplingOptions:
        """The options with the fastest decoder, where that is asked for and known."""
        if not self.automatic:
            return options
        found = self.choices.get(batch_class(options.count))
        if found is None and options.decode != self._taken:
            return options
        if found is None:  # what was the fastest for others means nothing
            self._taken = SEQUENTIAL
            return replace(options, decode=SEQUENTIAL)
        painting = self._session.painting
        given = painting is not None and not painting.empty
        fastest = replace(options, decode=found.fastest(given))
        if refusal_to_decode(fastest, model):
            fastest = replace(options, decode=SEQUENTIAL)
        self._taken = fastest.decode
        return fastest

    def _follow(self) -> None:
        """Another number of pictures, or something given, may make another one the fastest; what
        somebody else chose stays."""
        session = self._session
        if session.model is None or session.options.decode != self._taken:
            return
        fastest = self._with_the_fastest(session.options, session.model)
        if fastest != session.options:
            session.change(decode=fastest.decode)

    # ---- measuring -------------------------------------------------------------------------------

    @property
    def why_not_measure(self) -> str:
        """In a sentence, why nothing can be measured now; "" where it can."""
        model, latest = self._session.model, self._session.latest
        if model is None:
            return "Choose a model in the library first."
        if len(decoders_for(model)) < 2:
            return "This model draws in one way only."
        if getattr(latest, "playing", False):
            return "Pause first: what is drawn meanwhile would be measured too."
        return "It is being measured." if self._running is not None else ""

    @property
    def _running(self) -> Job[Any] | None:
        job = self._measuring
        return None if job is None or job.state.over else job

    def measure(self, unasked: bool = False) -> None:
        """Time every way to draw so many pictures as are drawn now, in a job, and keep what was
        found. unasked: it makes way as soon as something is drawn."""
        session = self._session
        model, checkpoint, count = session.model, session.checkpoint, session.options.count
        if self.why_not_measure or model is None or checkpoint is None:
            return

        def work(job: Job[Choice | None]) -> Choice | None:
            from studio.engine.generation.decoder_choice import choose

            drawing = cast("AutoregressiveModel", model)
            weights = fingerprint(checkpoint)
            return choose(drawing, count, weights, lambda: job.token.cancelled, again=not unasked)

        def hear(found: Choice | None) -> None:
            if found is None or session.model is not model:
                return
            self.choices[batch_class(count)] = found
            if self.automatic:
                options = self._with_the_fastest(session.options, model)
                session.change(decode=options.decode)
            if not unasked:
                self.told.emit(found.in_words())
            self.changed.emit()

        self._unasked = unasked
        self._measuring = session.work("Measuring how fast it draws…", work, hear)
        self.changed.emit()

    def _begin_rest(self) -> None:
        model = self._session.model
        if model is None or model.device.type != SLOW_BY_SITE or self.choice is not None:
            return
        if GRAPH in decoders_for(model):
            self._rest.start()

    def _measure_unasked(self) -> None:
        """Where there is a GPU, on which an eager step is slow, and nothing is drawn."""
        if self.automatic and self.choice is None:
            self.measure(unasked=True)

    def _make_way(self, news: object) -> None:
        job = self._running
        if job is not None and self._unasked and getattr(news, "playing", False):
            job.cancel()
