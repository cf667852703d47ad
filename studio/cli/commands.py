"""The commands and their options. Imports no command's module: `studio --help` is there at once.

One long file, because it is one list.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import takewhile
from pathlib import Path

from studio import __version__
from studio.cli.parser import Parser
from studio.cli.values import number, path, python_file, several, stretch, whole
from studio.demonstrations import TEACHABLE
from studio.engine.bench.completion_amounts import Amounts
from studio.engine.generation.decoders import DECODERS, SEQUENTIAL
from studio.engine.generation.methods import AUTO, FORMER, choices
from studio.engine.media.fits import FITS
from studio.engine.runtime.typed import expanded
from studio.engine.scenes.axis_names import MOST, NAMES, ORDERS

CHECKPOINT = "name of a shipped checkpoint or of a run, or the path of a file"
DEVICES = "auto, cpu, cuda, cuda:1 ... or mps (default: auto, the best there is)"
COMPLETION = "completion"  # the benchmark that has options of its own
DECODE = "decode"  # and one that takes --models of them
RECOGNISED = "recognised"  # and one that takes --models, --samples and --device of them
TRAINING = "training"  # and one that takes --models, names of those that can be built

Run = Callable[[argparse.Namespace], int]


def build_parser() -> Parser:
    """The parser; the namespace it returns has `run`, which
    takes the namespace and returns the exit status."""
    parser = Parser(
        prog="studio",
        description=(
            "Watch autoregressive models draw, finish pictures with them, and train them. "
            "Without a command the window opens."
        ),
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"Autoregressive Studio {__version__}"
    )
    parser.add_argument(
        "--log",
        action="store_const",
        dest="run",
        const=_command("window", "print_log"),
        help="print where the window's log is kept, and exit",
    )
    parser.add_argument(
        "--models",
        metavar="FILE.py",
        nargs="+",
        type=python_file,
        default=[],
        help="also use the models of your own files, whose code is run",
    )
    _add_commands(parser)
    return parser


def split_models(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The files after a leading `--models`, and the words of the command that follows; argparse
    would take these for files too."""
    if not words or words[0] != "--models":
        return [], list(words)
    files = list(takewhile(lambda word: word.endswith(".py"), words[1:]))
    return ([*map(expanded, files)], list(words[1 + len(files) :])) if files else ([], list(words))


def _add_commands(parser: Parser) -> None:
    """All commands. Each sets `run` in the namespace that the parser returns."""
    parser.set_defaults(run=_command("window", "open_window"))
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    _add_models(commands)
    _add_data(commands)
    _add_train(commands)
    _add_sweep(commands)
    _add_queue(commands)
    _add_runs(commands)
    _add_teach(commands)
    _add_evaluate(commands)
    _add_generate(commands)
    _add_complete(commands)
    _add_grid(commands)
    _add_recall(commands)
    _add_sheets(commands)
    _add_insight(commands)
    _add_export(commands)
    _add_scoreboard(commands)
    _add_bench(commands)
    _add_lessons(commands)


def _command(module: str, function: str) -> Run:
    """A command that imports its module when it runs."""

    def run(arguments: argparse.Namespace) -> int:
        return int(getattr(import_module(f"studio.cli.{module}"), function)(arguments))

    return run


def _new(commands: argparse._SubParsersAction[Parser], name: str, text: str, run: Run) -> Parser:
    parser = commands.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False
    )
    parser.set_defaults(run=run)
    return parser


def _add_models(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = _new(
        commands, "models", "what can be built and what is trained", _command("listing", "models")
    )
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="only this one: what can be set, and what it means"
    )
    _add_json(parser)


def _add_data(commands: argparse._SubParsersAction[Parser]) -> None:
    run = _command("listing", "data")
    parser = _new(commands, "data", "list what models can learn from", run)
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def _add_train(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = _new(commands, "train", "train a model by its recipe", _command("training", "train"))
    _add_asked(parser)
    _add_ways(parser)
    _add_run(parser)


def _add_sweep(commands: argparse._SubParsersAction[Parser]) -> None:
    text = "train a model with each combination of some settings, and compare what comes of it"
    parser = _new(commands, "sweep", text, _command("queueing", "sweep"))
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
    _add_anyway(parser)
    _add_device(parser)
    _add_json(parser)


def _add_queue(commands: argparse._SubParsersAction[Parser]) -> None:
    text = "the trainings that wait for each other; `studio train NAME --later` puts one there"
    parser = _new(commands, "queue", text, _command("queueing", "queue"))
    parser.add_argument("--stop", metavar="ID", help="stop what runs and keep it, or do not begin")
    parser.add_argument("--again", metavar="ID", help="let what was stopped or failed wait again")
    parser.add_argument("--remove", metavar="ID", help="take it out; a run stays")
    parser.add_argument(
        "--move", metavar=("ID", "POSITION"), nargs=2, help="let it be the next (0), or a later one"
    )
    parser.add_argument("--clear", action="store_true", help="take out all that is over")
    _add_json(parser)


def _add_runs(commands: argparse._SubParsersAction[Parser]) -> None:
    text = "how trainings stand, also those of other machines in a shared folder"
    parser = _new(commands, "runs", text, _command("watching", "runs"))
    parser.add_argument(
        "place",
        metavar="FOLDER",
        type=expanded,
        nargs="?",
        help="a folder of runs, or the folder or the name of one (default: your own)",
    )
    parser.add_argument(
        "--follow", action="store_true", help="of one run: print its figures as they come"
    )
    _add_json(parser)


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
    _add_skip_damaged(parser)
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
        "--later", action="store_true", help="let it wait in the queue instead: see `studio queue`"
    )
    parser.add_argument(
        "--queue", action="store_true", help="train what waits in the queue, one after the other"
    )
    _add_json(parser)


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
    _add_anyway(parser)
    _add_device(parser)


def _add_teach(commands: argparse._SubParsersAction[Parser]) -> None:
    text = "teach a shipped model symbols that you drew, in minutes"
    parser = _new(commands, "teach", text, _command("teaching", "teach"))
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
    _add_device(parser)


def _add_evaluate(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = _new(
        commands,
        "evaluate",
        "bits/dim of a model on a data set, bits/sample of sound",
        _command("measuring", "evaluate"),
    )
    _add_checkpoint(parser)
    parser.add_argument(
        "--data",
        metavar="D",
        type=expanded,
        help="a data set (default: the one the model learnt from)",
    )
    parser.add_argument(
        "--preparation",
        metavar="P",
        help="thresholded, dynamic, grey-N or rgb-N (default: the model's)",
    )
    parser.add_argument(
        "--labels",
        metavar="F",
        type=path,
        help="an IDX, .npy or .npz file with one label for each image",
    )
    _add_skip_damaged(parser)
    parser.add_argument(
        "--orders",
        metavar="N",
        type=whole(1, 1000),
        help="orders to average over, for models that take any (default: 16)",
    )
    parser.add_argument(
        "--split",
        metavar="S",
        default="test",
        choices=["train", "validation", "test"],
        help="train, validation or test (default: test)",
    )
    _add_device(parser)
    _add_json(parser)


def _add_generate(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = _new(
        commands,
        "generate",
        "let a model draw pictures, or make sound",
        _command("making", "generate"),
    )
    parser.add_argument(
        "checkpoint", metavar="CHECKPOINT", type=expanded, nargs="?", help=CHECKPOINT
    )
    parser.add_argument(
        "--scene",
        metavar="F",
        type=path,
        help=(
            "make it as a scene says, with its model unless another is named: a .scene.json, or"
            " what the studio made; other options change it"
        ),
    )
    parser.add_argument(
        "--takes",
        metavar="K",
        type=whole(1),
        help=(
            "of sound: try so many takes and keep the most probable to the model itself, without"
            " those that ran away into noise (default: the first)"
        ),
    )
    _add_drawing(parser)
    parser.add_argument(
        "--out",
        metavar="F",
        type=path,
        help=(
            ".png: the pictures in a grid; .gif, .mp4: how they are drawn; .wav, .flac: sound;"
            " .npy, .npz: levels (default: a .png or .wav called after model and seed)"
        ),
    )


def _add_recall(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = _new(
        commands,
        "recall",
        "the scene that a file carries: what it was made with, or the same made again",
        _command("recalling", "recall"),
    )
    parser.add_argument(
        "file", metavar="FILE", type=path, help="what the studio made, or a .scene.json"
    )
    parser.add_argument(
        "--out",
        metavar="F",
        type=path,
        help="make the same again, and write it: .png, .gif, .mp4, .npy, .npz, .wav or .flac",
    )
    parser.add_argument(
        "--checkpoint",
        metavar="C",
        type=expanded,
        help="the model, where it is not among the shipped ones, your own and your runs",
    )
    parser.add_argument(
        "--scale", metavar="N", type=whole(1, 64), help="size of a pixel in .png, .gif and .mp4"
    )
    _add_anyway(parser)
    _add_device(parser)
    _add_json(parser)


def _add_sheets(commands: argparse._SubParsersAction[Parser]) -> None:
    text = "of each model a sheet of samples: a small .png, from which it can be drawn again"
    parser = _new(commands, "sheets", text, _command("sheets", "sheets"))
    parser.add_argument(
        "names",
        metavar="CHECKPOINT",
        type=expanded,
        nargs="*",
        help=f"{CHECKPOINT} (default: all shipped ones that draw pictures)",
    )
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=path,
        default=Path("sheets"),
        help="where they are written, each called after its model (default: sheets)",
    )
    parser.add_argument(
        "--count",
        metavar="N",
        type=whole(1, 4096),
        default=64,
        help="samples on a sheet, a few more where every class has as many (default: 64)",
    )
    parser.add_argument(
        "--seed", metavar="S", type=whole(0, 2**64 - 1), default=0, help="noise (default: 0)"
    )
    parser.add_argument(
        "--scale",
        metavar="N",
        type=whole(1, 16),
        default=2,
        help="size of a pixel (default: 2)",
    )
    _add_device(parser)
    _add_json(parser)


def _add_insight(commands: argparse._SubParsersAction[Parser]) -> None:
    text = (
        "what a model sees, expects and does, at a pixel of a picture; without NAME, all insights"
    )
    parser = _new(commands, "insight", text, _command("insights", "insight"))
    parser.add_argument("name", metavar="NAME", nargs="?", help="an insight")
    parser.add_argument(
        "checkpoint", metavar="CHECKPOINT", type=expanded, nargs="?", help=CHECKPOINT
    )
    _add_evidence(parser)
    parser.add_argument(
        "--position",
        metavar="N",
        type=whole(0),
        help="pixels that are drawn (default: all, or none of a picture from a file)",
    )
    parser.add_argument(
        "--site",
        metavar="R,C",
        help="row and column of the pixel that is asked about (default: the next one)",
    )
    parser.add_argument(
        "--choose",
        metavar="NAME=WORD",
        action="append",
        default=[],
        help="what can be chosen in the insight, such as Layer=2; --json lists it",
    )
    _add_drawing(parser)
    parser.add_argument(
        "--out",
        metavar="F",
        type=path,
        help=".png: the picture and the maps; .npz: all arrays (default: NAME.png)",
    )


def _add_export(commands: argparse._SubParsersAction[Parser]) -> None:
    text = "write a model as ONNX files, which run without the studio"
    parser = _new(commands, "export", text, _command("exporting", "export"))
    _add_checkpoint(parser)
    parser.add_argument(
        "--onnx",
        metavar="F",
        type=path,
        required=True,
        help=(
            "where the pass over whole pictures goes, F.onnx; the step from pixel to pixel, where"
            " the model has one, goes to F-step.onnx beside it"
        ),
    )
    parser.add_argument(
        "--batch",
        metavar="N",
        type=whole(1, 4096),
        help="pictures that the step draws at once (default: 1)",
    )
    _add_json(parser)


def _add_complete(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = _new(
        commands,
        "complete",
        "let a model finish a picture or go on from a beginning, or clean a picture",
        _command("making", "complete"),
    )
    _add_checkpoint(parser)
    parser.add_argument(
        "--audio", metavar="F", type=path, help="for a model for sound: the recording to go on from"
    )
    parser.add_argument(
        "--keep", metavar="SECONDS", type=number(0), help="of the recording (default: half of it)"
    )
    parser.add_argument(
        "--gap",
        metavar="BEGIN:END",
        type=stretch,
        help="seconds of the recording between which it is to be filled, such as 1.20:1.25",
    )
    parser.add_argument(
        "--takes",
        metavar="K",
        type=whole(1),
        help="for a gap: how many are tried, weighted by what comes after it (default: 64)",
    )
    _add_evidence(parser)
    parser.add_argument(
        "--bounds",
        action="store_true",
        help="also print how probable what is given is to the model, in bits: at least and at most",
    )
    parser.add_argument(
        "--corruption",
        "--noise",  # its name before version 0.2
        metavar="P",
        type=number(0, 1),
        help="for a model that reconstructs: share of the pixels to replace by chance first",
    )
    _add_drawing(parser)
    parser.add_argument(
        "--out",
        metavar="F",
        type=path,
        required=True,
        help=".png, .gif, .mp4, .npy, .npz, .wav or .flac",
    )


def _add_grid(commands: argparse._SubParsersAction[Parser]) -> None:
    parser = _new(
        commands,
        "grid",
        "draw scenes that differ in one thing or two, with the same noise, on one labelled sheet",
        _command("grids", "grid"),
    )
    parser.add_argument(
        "checkpoint",
        metavar="CHECKPOINT",
        nargs="?",
        type=expanded,
        help=f"{CHECKPOINT}; with --scene it may be left out",
    )
    parser.add_argument(
        "--axis",
        metavar="FIELD=A,B",
        action="append",
        default=[],
        dest="axes",
        help=(
            f"what differs, once or twice, such as temperature=0.5,1,2 or model=made,pixelcnn:"
            f" {', '.join(NAMES)}; {MOST} scenes at most"
        ),
    )
    parser.add_argument(
        "--scene",
        metavar="F",
        type=path,
        help="begin with the scene in a file; the options of drawing are then those of the scene",
    )
    _add_evidence(parser)
    _add_drawing(parser)
    parser.add_argument(
        "--difference",
        action="store_true",
        help="also show under each where it differs from the first",
    )
    parser.add_argument(
        "--race",
        action="store_true",
        help="in a film, let each go as fast as its model is, instead of all in step",
    )
    parser.add_argument(
        "--out",
        metavar="F",
        type=path,
        help=(
            ".png: a sheet; .gif, .mp4: all being drawn together (default: a .png called after"
            " model and seed)"
        ),
    )


def _add_scoreboard(commands: argparse._SubParsersAction[Parser]) -> None:
    text = (
        "every shipped checkpoint: bits/dim here, in the article, in the paper; of sound"
        " bits/sample"
    )
    parser = _new(commands, "scoreboard", text, _command("listing", "scoreboard"))
    parser.add_argument(
        "--check",
        action="store_true",
        help="score the checkpoints again instead of reading their cards",
    )
    _add_device(parser)
    _add_json(parser)


def _add_lessons(commands: argparse._SubParsersAction[Parser]) -> None:
    text = "the lessons that the window can show, those of your own too"
    parser = _new(commands, "lessons", text, _command("lessons", "lessons"))
    parser.add_argument(
        "--check",
        metavar="FOLDER",
        type=path,
        help="say what is wrong in a lesson of your own instead: its folder, or its .md",
    )
    _add_json(parser)


def _add_bench(commands: argparse._SubParsersAction[Parser]) -> None:
    text = (
        "speed against the naive loop, same weights, same run; or how well pictures are completed,"
        " and how much of what is drawn is recognised"
    )
    parser = _new(commands, "bench", text, _command("measuring", "bench"))
    parser.add_argument(
        "--only",
        metavar="X",
        help=(
            f"sampling, player, audio or a model; or {COMPLETION}, gaps, {TRAINING} (steps a"
            f" second, beside those of an article's loop), {DECODE} (all pixels at once, beside one"
            f" after the other) or {RECOGNISED} (the share of samples that a"
            " classifier recognises, beside that of real pictures), each of which is measured"
            " alone"
        ),
    )
    parser.add_argument("--quick", action="store_true", help="less work, rougher figures")
    _add_json(parser)
    _add_bench_completion(parser)


def _add_bench_completion(bench: Parser) -> None:
    """Options of one benchmark; `of_completion` of the namespace lists them, by where each one's
    value is found."""
    usual, both = Amounts(), f"{DECODE}, {RECOGNISED} and {TRAINING}"
    group = bench.add_argument_group(
        f"with --only {COMPLETION}",
        "All models by all methods take hours: choose some of them, or lower numbers.",
    )
    options = {
        group.add_argument(option, metavar=metavar, dest=dest, type=kind, help=text).dest: option
        for option, metavar, dest, kind, text in (
            (
                "--models",
                "A,B",
                "of",
                several,
                f"shipped ones, runs or paths, for {both} too (default: all shipped)",
            ),
            ("--methods", "A,B", "methods", several, "of completion (default: all)"),
            ("--preparation", "P", "preparation", str, "of the digits (default: each model's own)"),
            (
                "--digits",
                "N",
                "digits",
                whole(1),
                f"held-out digits that are scored (default: {usual.digits})",
            ),
            (
                "--completions",
                "N",
                "completions",
                whole(1),
                f"of these, how many are completed (default: {usual.completions})",
            ),
            (
                "--particle-digits",
                "N",
                "particle_digits",
                whole(1),
                f"of these, how many are scored by particles (default: {usual.particle_digits})",
            ),
            (
                "--particles",
                "P",
                "particles",
                whole(2),
                f"attempts at each of them (default: {usual.particles})",
            ),
            (
                "--samples",
                "N",
                "samples",
                whole(1),
                f"drawn from nothing, for {RECOGNISED} too (default: {usual.samples})",
            ),
            (
                "--step-digits",
                "N",
                "step_digits",
                whole(1),
                f"by which numbers of passes are compared (default: {usual.step_digits})",
            ),
            (
                "--passes",
                "N",
                "passes",
                whole(1),
                "ask models that predict all pixels at once for N only: an estimate (default: all)",
            ),
            (
                "--device",
                "DEVICE",
                "device",
                str,
                f"that models compute on, for {RECOGNISED} too (default: cpu)",
            ),
        )
    }
    bench.set_defaults(of_completion=options)


def _add_checkpoint(parser: Parser) -> None:
    parser.add_argument("checkpoint", metavar="CHECKPOINT", type=expanded, help=CHECKPOINT)


def _add_skip_damaged(parser: Parser) -> None:
    parser.add_argument(
        "--skip-damaged",
        action="store_true",
        help="leave out the files of the data that cannot be read",
    )


def _add_json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _add_anyway(parser: Parser) -> None:
    parser.add_argument(
        "--anyway",
        action="store_true",
        help="even where it is estimated to take more memory or time than there is",
    )


def _add_device(parser: Parser) -> None:
    parser.add_argument("--device", metavar="DEVICE", default="auto", help=DEVICES)


def _add_evidence(parser: Parser) -> None:
    """What is given to be finished, and how account is taken of it."""
    parser.add_argument("--image", metavar="F", type=path, help="the picture to finish")
    parser.add_argument(
        "--mask",
        metavar="M",
        type=expanded,
        help=(
            "a picture, white where the image is given and black where it is to be drawn, or the"
            " half that is given: top, bottom, left, right, random; or box: all but one in the"
            " middle (default: what is transparent is drawn; top, where nothing is)"
        ),
    )
    parser.add_argument(
        "--method",
        metavar="M",
        type=lambda name: FORMER.get(name, name),
        choices=list(choices()),
        help="; ".join(f"{name}: {what}" for name, what in choices().items())
        + f" (default: {AUTO})",
    )
    parser.add_argument(
        "--particles",
        metavar="P",
        type=whole(2, 4096),
        help=(
            "attempts that compete at each picture, for smc, smc-refined and --bounds; more are"
            " better and slower (default: 8 to 32, by the number of pictures)"
        ),
    )
    parser.add_argument(
        "--sweeps",
        metavar="S",
        type=whole(0, 1000),
        help="how often smc-refined draws the pictures again, also for --bounds (default: 4)",
    )
    parser.add_argument(
        "--fit",
        choices=list(FITS),
        help="bring picture and mask to the size the model draws; "
        + "; ".join(f"{name}: {what}" for name, what in FITS.items()),
    )
    parser.add_argument(  # its name before version 0.3
        "--resize", dest="fit", action="store_const", const="stretch", help=argparse.SUPPRESS
    )
    parser.add_argument(
        "--invert", action="store_true", help="turn dark into light, for dark ink on a white ground"
    )


def _add_drawing(parser: Parser) -> None:
    parser.add_argument("--count", metavar="N", type=whole(1), help="how many (default: 1)")
    parser.add_argument("--seed", metavar="S", type=whole(0, 2**64 - 1), help="noise (default: 0)")
    parser.add_argument(
        "--condition",
        metavar="C",
        type=expanded,
        help=(
            "class, by number or name, for models that take one; for a "
            "vocoder, a recording that it is to say again"
        ),
    )
    parser.add_argument(
        "--spectrogram",
        metavar="F",
        type=path,
        help=(
            "for a vocoder, what it is to say: a painted "
            "spectrogram, .npy or a picture, or a recording"
        ),
    )
    parser.add_argument(
        "--seconds",
        metavar="S",
        type=number(0.001),
        help="how much sound to make (default: 5, or as much as a vocoder's spectrogram lasts)",
    )
    parser.add_argument(
        "--temperature",
        metavar="T",
        type=number(0),
        help="below 1 safer, above 1 wilder, 0 the most probable level (default: 1)",
    )
    parser.add_argument(
        "--order",
        metavar="O",
        choices=ORDERS,
        help=(
            f"{', '.join(ORDERS[:-1])}, for models that take any order; certain: always the pixel"
            " that the model is surest of, for models that predict all unknown pixels at once"
        ),
    )
    parser.add_argument(
        "--guidance",
        metavar="G",
        type=number(0, 20),
        help="how far to push towards the class of --condition (default: 0, not at all)",
    )
    parser.add_argument(
        "--steps",
        metavar="N",
        type=whole(1),
        help=(
            "draw a picture in N passes, for models that predict all unknown pixels at once; fewer"
            " are quicker and worse (default: one for each pixel)"
        ),
    )
    parser.add_argument(
        "--decode",
        choices=list(DECODERS),
        help="; ".join(f"{name}: {what}" for name, what in DECODERS.items())
        + f" (default: {SEQUENTIAL})",
    )
    parser.add_argument("--top-k", metavar="K", type=whole(0), help="the K likeliest levels only")
    parser.add_argument(
        "--top-p",
        metavar="P",
        type=number(0, 1),
        help="the likeliest levels that make up P only",
    )
    parser.add_argument(
        "--speed",
        metavar="S",
        type=number(1),
        help="sites a second in an animation (default: 200)",
    )
    parser.add_argument(
        "--scale", metavar="N", type=whole(1, 64), help="size of a pixel in .png, .gif and .mp4"
    )
    _add_anyway(parser)
    _add_device(parser)
    _add_json(parser)
