"""The shipped checkpoints that the studio shows itself with, by name.

Whatever else it does, it does with any model: no other file of the studio names one.
"""

FIRST = "gated-pixelcnn"  # what is drawn with where nothing else was asked for
FINISHER = "gated-pixelcnn-map"  # is conditioned on all that is painted, wherever it lies
VOICE = "wavenet"  # is heard
VOCODER = "wavenet-mel"  # says what is painted
ON_THE_START_PAGE = (FIRST, "pixelcnn")  # whose digit is shown there, the first that is installed
QUICK_BENCH = (FIRST, "pixelcnn", VOICE)  # what a quick `studio bench` measures
QUICK_COMPLETION = (FIRST, FINISHER)  # what completes in a quick `studio bench --only completion`
TRAINED = "made"  # learns something within seconds
