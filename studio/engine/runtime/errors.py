"""The one exception that is meant for the person: its text is a clear sentence, not a traceback."""

_LONGEST = 600  # characters of a sentence: more is never read, and no message bar can show it


class StudioError(Exception):
    """Something the person can put right: the message
    is one whole sentence that says what is wrong.

    The command line prints it and ends with status 2; the window shows it in a bar or a dialog.
    What it repeats of a file may be anything: it is made printable and cut short.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(shortened(message, _LONGEST))


def shortened(text: str, most: int) -> str:
    """A text as printable characters of one line, the middle left out where there are more than
    `most`; nothing is done with a text that needs nothing."""
    if len(text) > most:
        ends = (most - 1) // 2
        text = f"{text[:ends]}…{text[-ends:]}"
    return "".join(c if c.isprintable() else " " for c in text)
