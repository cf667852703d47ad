"""`studio train`, `sweep` and `teach`: what is to be trained, and how."""

from __future__ import annotations

from studio.cli.parser import Parser
from studio.cli.parsers.adding import (
    Commands,
    add_anyway,
    add_device,
    add_json,
    add_skip_damaged,
    command,
    new,
)
from studio.cli.values import number, path
from studio.demonstrations import TEACHABLE
from studio.engine.runtime.typed import expanded


def add_train(commands: Commands) -> None:
    parser = new(commands, "train", "train a model by its recipe", command("training", "train"))
    _add_asked(parser)
    _add_ways(parser)
    _add_run(parser)


def add_sweep(commands: Commands) -> None:
    text = "train a model with each combination of some settings, and compare what comes of it"
    parser = new(commands, "sweep", text, command("queueing", "sweep"))
    _add_asked(parser)
    parser.add_argument(
        "--over",
        metavar="KEY=A,B",
        nargs="+",
        action="extend",
        default=[],
        help=(
            "the values to try, such as rate=1e-3,2e-3 width=32,64, 12 combinations at most; those"
            " of a setting that is a list itself are separated by semicolons"
        ),
    )
    parser.add_argument(
        "--name", metavar="NAME", dest="run_name", help="what to call the sweep, and its runs"
    )
    parser.add_argument(
        "--table", metavar="SWEEP", help="train nothing: show what came of a sweep so far"
    )
    add_anyway(parser)
    add_device(parser)
    add_json(parser)


def add_teach(commands: Commands) -> None:
    text = "teach a shipped model symbols that you drew, in minutes"
    parser = new(commands, "teach", text, command("teaching", "teach"))
    parser.add_argument(
        "drawings", metavar="FILE.npz", type=path, help="drawings that the window has saved"
    )
    parser.add_argument(
        "--minutes",
        metavar="MINUTES",
        type=number(0.001, 1e4),
        default=2.0,
        help="how long it learns (default: 2)",
    )
    parser.add_argument(
        "--from",
        metavar="CHECKPOINT",
        dest="base",
        type=expanded,
        default=TEACHABLE[0],
        help=f"what it begins with (default: {TEACHABLE[0]})",
    )
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        nargs="+",
        action="extend",
        default=[],
        dest="changes",
        help="change a setting, as with `studio train`",
    )
    parser.add_argument(
        "--name",
        metavar="NAME",
        dest="run_name",
        help="what to call the run (default: by what is drawn)",
    )
    add_device(parser)


def _add_asked(parser: Parser) -> None:
    """What is to be trained, and how."""
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="a model that `studio models` lists"
    )
    parser.add_argument(
        "--data",
        metavar="D",
        type=expanded,
        help=(
            "a data set that ships, or files of yours, pictures or sound: `studio data` lists what"
            " can be read"
        ),
    )
    parser.add_argument(
        "--preparation",
        metavar="P",
        help="thresholded, dynamic, grey-N, rgb-N or levels-N; not for sound",
    )
    parser.add_argument(
        "--labels",
        metavar="F",
        type=path,
        help="an IDX, .npy or .npz file with one label for each image",
    )
    add_skip_damaged(parser)
    parser.add_argument(
        "--validation",
        metavar="FILE_OR_FOLDER",
        type=expanded,
        help=(
            "what to validate with while training (default: the last 5,000 training images of"
            " mnist, a fixed twentieth of the training part of other data)"
        ),
    )
    parser.add_argument(
        "--minutes",
        metavar="MINUTES",
        type=number(0.001, 1e6),
        help="how long to train, instead of the epochs of the recipe",
    )
    parser.add_argument(
        "--from",
        metavar="CHECKPOINT",
        dest="start",
        type=expanded,
        help="begin with its weights, as far as they fit: it says which do not",
    )
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        nargs="+",
        action="extend",
        default=[],
        dest="changes",
        help=(
            "change a field of the recipe or of the model, such as epochs=1 width=16"
            " dilations=1,2,4; `studio models NAME` lists them"
        ),
    )
    parser.add_argument(
        "--like",
        metavar="RUN",
        type=expanded,
        help="as a run was trained, but for what is set otherwise: its folder or its name",
    )


def _add_ways(parser: Parser) -> None:
    """Other things to do with what is asked for than to train it at once."""
    parser.add_argument(
        "--find-rate",
        action="store_true",
        help="train nothing: try learning rates, and say which to begin with",
    )
    parser.add_argument(
        "--find-batch",
        action="store_true",
        help="train nothing: try larger batches, and propose one for this device, with its rate",
    )
    parser.add_argument(
        "--later", action="store_true", help="let it wait in the queue instead: see `studio queue`"
    )
    parser.add_argument(
        "--queue", action="store_true", help="train what waits in the queue, one after the other"
    )
    add_json(parser)


def _add_run(parser: Parser) -> None:
    """The run that it becomes."""
    parser.add_argument(
        "--resume",
        metavar="RUN",
        type=expanded,
        help="go on with a run that was stopped: its folder or its name",
    )
    parser.add_argument(
        "--name",
        metavar="NAME",
        dest="run_name",
        help="what to call the run (default: the model and the time)",
    )
    parser.add_argument(
        "--out", metavar="FOLDER", type=path, help="folder of the run, instead of a name"
    )
    add_anyway(parser)
    add_device(parser)
