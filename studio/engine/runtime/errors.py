"""The one exception that is meant for the person: its text is a clear sentence, not a traceback."""

from studio.engine.runtime.texts import shortened

_LONGEST = 600  # characters of a sentence: more is never read, and no message bar can show it


class StudioError(Exception):
    """Something the person can put right: the message
    is one whole sentence that says what is wrong.

    The command line prints it and ends with status 2; the window shows it in a bar or a dialog.
    What it repeats of a file may be anything: it is made printable and cut short.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(shortened(message, _LONGEST))
