"""The one exception that is meant for the person: its text is a clear sentence, not a traceback."""


class StudioError(Exception):
    """Something the person can put right: the message
    is one whole sentence that says what is wrong.

    The command line prints it and ends with status 2; the window shows it in a bar or a dialog.
    """
