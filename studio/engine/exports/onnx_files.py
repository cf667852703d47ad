"""A model as ONNX files, which run without the studio and without torch.

What there is of a model to export, `studio.engine.exports.graphs` says. It becomes ONNX by torch's
exporter that traces (`torch.onnx.export(..., dynamo=False)`), which needs no package but
`onnx`. A step that is another one at some sites becomes one file all the same: each kind of step is
a branch, chosen by the number of the site.

Every file says in its metadata what it is, and every file is run by onnxruntime and compared with
torch before it is kept.
"""

from __future__ import annotations

import io
import json
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models.interface import AutoregressiveModel, Classes, Map, Model, Spectrogram
from studio import __version__
from studio.engine.exports import graphs
from studio.engine.exports.graphs import Graph
from studio.engine.exports.recording import NotRecorded
from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.files import clear_leftovers, write_atomically
from studio.engine.runtime.threads import one_thread

FORMAT = 1  # of the metadata
_MAKER = "Autoregressive Studio"
_OPSET = 17
_FARTHEST = 1e-3  # of the parameters that onnxruntime computes from torch's, beside their size
_OTHER = 3  # rows of the pass that is tried besides the one that was exported

Say = Callable[[str], object]


@dataclass(frozen=True)
class Exported:
    """A file. difference: of its numbers from those of torch, at most."""

    path: Path
    what: str
    difference: float


def check_packages() -> None:
    """StudioError, one sentence, where what writes or checks the files is not installed."""
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
    except ImportError as error:
        raise StudioError(
            f"To export, the package {error.name} is needed: pip install"
            " 'autoregressive-studio[export]'."
        ) from error


def export(
    model: Model, path: Path, batch: int = 1, show: Say = lambda text: None
) -> list[Exported]:
    """Write the pass to `path`, and beside it, where the model has them, its step, to
    NAME-step.onnx, what that is given of a condition of sound, to NAME-gates.onnx, and the decoder
    of its codes, to NAME-decoder.onnx. Those that an earlier export has left there and this model
    has not are taken away.

    model: on the processor.
    batch: rows of the step.
    show: is given what is being done.
    StudioError, one sentence, where a package is missing, a model cannot be exported, or a file
    computes something else than the model.
    """
    check_packages()
    if path.suffix != ".onnx":
        raise StudioError(f'"{path}" must end in .onnx.')
    if not path.parent.is_dir():
        raise StudioError(f'"{path}" could not be written: the folder does not exist.')
    written: list[Exported] = []
    with torch.no_grad(), one_thread():
        for what, make in _GRAPHS.items():
            target = path if what == "pass" else path.with_name(f"{path.stem}-{what}.onnx")
            try:
                graph = make(model, batch)
            except NotRecorded as reason:
                show(f"{model.name} is exported without a step: {reason}.")
                graph = None
            if graph is not None:
                show(f"Exporting the {what}.")
                written.append(_export(model, graph, what, target))
            elif _is_export(target):
                target.unlink()
    return written


def _is_export(path: Path) -> bool:
    """Whether a file is one that `export` wrote."""
    import onnx
    from google.protobuf.message import DecodeError

    try:
        proto = onnx.load(path, load_external_data=False)
    except (OSError, DecodeError):
        return False
    made_by = [fact.value for fact in proto.metadata_props if fact.key == "made_by"]
    return any(maker.startswith(_MAKER) for maker in made_by)


_GRAPHS: dict[str, Callable[[Model, int], Graph | None]] = {
    "pass": lambda model, batch: graphs.parallel_pass(model),
    "step": graphs.step,
    "gates": lambda model, batch: graphs.gates(model),
    "decoder": lambda model, batch: graphs.decoder(model),
}


def _export(model: Model, graph: Graph, what: str, path: Path) -> Exported:
    import onnx

    kinds = graphs.kinds_of_step(graph)
    proto = traced(graph.module, graph) if kinds is None else branched(graph)
    onnx.helper.set_model_props(proto, {key: _text(v) for key, v in facts(model, what).items()})
    content = proto.SerializeToString()
    difference = farthest(graph, content)
    if not difference <= _FARTHEST:
        raise StudioError(
            f"The exported {what} of {model.name} differs from the model by {difference:.3g}: it"
            " was not kept."
        )
    clear_leftovers(path)
    write_atomically(path, content)
    return Exported(path, what, difference)


# ---- from torch to ONNX --------------------------------------------------------------------------


def traced(module: nn.Module, graph: Graph) -> Any:
    """A module as a `ModelProto`, with the inputs and outputs of a graph."""
    import onnx

    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # that this exporter is the older one, and that sizes become constants, which is tried
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(
                module,
                tuple(graph.inputs.values()),
                buffer,
                dynamo=False,
                input_names=list(graph.inputs),
                output_names=list(graph.outputs),
                opset_version=_OPSET,
                dynamic_axes=graph.sizes or None,
            )
        except (torch.onnx.OnnxExporterError, RuntimeError, TypeError) as error:
            raise StudioError(
                f"torch cannot write this model as ONNX: {str(error).splitlines()[0]}"
            ) from error
    return onnx.load_model_from_string(buffer.getvalue())


def branched(graph: Graph) -> Any:
    """A step of several kinds as one `ModelProto`: the commonest kind is asked for first."""
    from onnx import helper, numpy_helper

    kinds = graphs.kinds_of_step(graph)
    assert kinds is not None
    weights: dict[bytes, Any] = {}  # by what they are, as kinds share most of them
    outputs: list[Any] = []
    inputs: dict[str, Any] = {}
    branches = []
    for number, module in enumerate(kinds.of_kind):
        # at one of its own sites, lest a size be 0
        site = torch.tensor(int((kinds.kinds == number).nonzero()[-1]))
        proto = traced(module, replace(graph, inputs={**graph.inputs, "position": site}))
        inputs |= {value.name: value for value in proto.graph.input}
        outputs = outputs or list(proto.graph.output)
        branches.append(_branch(proto.graph, f"kind_{number}", set(graph.inputs), weights))
    table = numpy_helper.from_array(kinds.kinds.numpy(), "kinds")
    nodes = [helper.make_node("Gather", ["kinds", "position"], ["kind"])]
    numbers = [
        numpy_helper.from_array(torch.tensor(number).numpy(), f"number_{number}")
        for number in range(len(branches) - 1)
    ]
    chosen = branches.pop()
    while branches:
        number = len(branches) - 1
        names = [f"{value.name}_{number}" for value in outputs]
        equal = helper.make_node("Equal", ["kind", f"number_{number}"], [f"is_{number}"])
        choice = helper.make_node(
            "If", [f"is_{number}"], names, then_branch=branches.pop(), else_branch=chosen
        )
        ends = [_renamed(v, name) for v, name in zip(outputs, names, strict=True)]
        chosen = helper.make_graph([equal, choice], f"choice_{number}", [], ends)
    nodes += chosen.node
    nodes += [
        helper.make_node("Identity", [end.name], [value.name])
        for end, value in zip(chosen.output, outputs, strict=True)
    ]
    given = [inputs[name] for name in graph.inputs if name in inputs]
    whole = helper.make_graph(
        nodes, "step", given, outputs, [table, *numbers, *chosen.initializer, *weights.values()]
    )
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)


def _branch(graph: Any, prefix: str, inputs: set[str], weights: dict[bytes, Any]) -> Any:
    """The graph of one kind as a branch, which sees the inputs and weights of the whole: its other
    names become its own, and its weights move to `weights`."""
    from onnx import helper

    names = {name: name for name in inputs} | {"": ""}
    for tensor in graph.initializer:
        plain = _renamed(tensor, "")
        key = plain.SerializeToString()
        if key not in weights:
            weights[key] = _renamed(tensor, f"weights_{len(weights)}")
        names[tensor.name] = weights[key].name
    for node in graph.node:
        for part in (node.input, node.output):
            for number, name in enumerate(part):
                part[number] = names.setdefault(name, f"{prefix}.{name}")
        node.name = f"{prefix}.{node.name}"
    made = set(chain.from_iterable(node.output for node in graph.node))
    nodes, ends = list(graph.node), []
    for number, value in enumerate(graph.output):
        name = names[value.name]
        if name not in made:  # what goes through as it is
            name = f"{prefix}.end_{number}"
            nodes.append(helper.make_node("Identity", [names[value.name]], [name]))
        ends.append(_renamed(value, name))
    return helper.make_graph(nodes, prefix, [], ends)


def _renamed(value: Any, name: str) -> Any:
    other = type(value)()
    other.CopyFrom(value)
    other.name = name
    return other


# ---- what a file says of itself ------------------------------------------------------------------


def facts(model: Model, what: str) -> dict[str, Any]:
    """What stands in the metadata, by name."""
    card = model.card or {}
    found: dict[str, Any] = {
        "format": FORMAT,
        "made_by": f"{_MAKER} {__version__}",
        "what": what,
        "model": model.name,
        "config": model.config.to_dict(),
        "shape": list(model.spec.shape),
        "levels": model.spec.levels,
        "channels": model.spec.channels,
        "parameters": model.likelihood.parameters,
        "likelihood": type(model.likelihood).__name__,
        "sampling": model.likelihood.in_words,
        "data": card.get("data"),
        "preparation": card.get("preparation"),
    }
    kind = model.conditioning
    if isinstance(kind, Classes):
        found["classes"] = list(kind.names)
        found["condition"] = "int64 (batch,): the number of a class, -1 for none."
    elif isinstance(kind, Map):
        found["condition"] = (
            "float32 (batch, channels + 1, height, width): the levels that are given, divided by"
            " levels - 1, 0 elsewhere; then 1 where they are given and 0 elsewhere."
        )
    elif isinstance(kind, Spectrogram):
        found["condition"] = (
            f"float32 (batch, {kind.mels}, frames): a log-mel spectrogram; {kind.hop} samples a"
            " frame."
        )
    if isinstance(model, AutoregressiveModel) and model.spec.sites is not None:
        found["order"] = model.order.tolist()
    return {key: value for key, value in found.items() if value is not None}


def _text(fact: Any) -> str:
    """Texts as they are, all else as JSON."""
    return fact if isinstance(fact, str) else json.dumps(fact)


# ---- whether a file computes what the model does -------------------------------------------------


def farthest(graph: Graph, content: bytes) -> float:
    """How far what onnxruntime computes is from what torch does, at most: the difference, beside
    the size of what is larger than 1."""
    run = _session(content)
    if graphs.kinds_of_step(graph) is not None:
        return _of_steps(graph, run)
    found = _of_one(graph.module, graph.inputs, run)
    if any(0 in axes for axes in graph.sizes.values()):
        found = max(found, _of_one(graph.module, _of_other_size(graph), run))
    return found


def _of_steps(graph: Graph, run: Callable[[dict[str, Tensor]], list[Tensor]]) -> float:
    """The first steps, and those from kind to kind, with values by chance; both keep their own
    state."""
    kinds = graphs.kinds_of_step(graph)
    assert kinds is not None
    generator = torch.Generator().manual_seed(3)
    names = [name for name in graph.inputs if name.startswith("state_")]
    given = {name: each for name, each in graph.inputs.items() if name not in names}
    states = [[graph.inputs[name] for name in names]] * 2
    found = 0.0
    for position in range(len(kinds.kinds)):
        value = torch.randint(2, graph.inputs["value"].shape, generator=generator)
        given |= {"position": torch.tensor(position), "value": value}
        ours = graph.module(*given.values(), *states[0])
        theirs = run({**given, **dict(zip(names, states[1], strict=True))})
        found = max(found, _distance(ours[0], theirs[0]))
        states = [list(ours[1:]), theirs[1:]]
    return found


def _of_one(
    module: nn.Module,
    inputs: dict[str, Tensor],
    run: Callable[[dict[str, Tensor]], list[Tensor]],
) -> float:
    ours = module(*inputs.values())
    theirs = run(inputs)
    pairs = zip(ours if isinstance(ours, tuple) else (ours,), theirs, strict=True)
    return max(_distance(one, other) for one, other in pairs)


def _of_other_size(graph: Graph) -> dict[str, Tensor]:
    """The inputs for another number of rows, and of sound that lasts a little less long."""
    inputs = dict(graph.inputs)
    for name, axes in graph.sizes.items():
        for axis, called in axes.items():
            length = inputs[name].shape[axis]
            wanted = {"batch": _OTHER, "samples": length - 1, "frames": length + 1}[called]
            rows = torch.arange(wanted) % length
            inputs[name] = inputs[name].index_select(axis, rows)
    return inputs


def _distance(ours: Tensor, theirs: Tensor) -> float:
    if ours.shape != theirs.shape:
        return float("inf")
    one, other = ours.double(), theirs.double()
    if not ours.is_floating_point():  # rounded: one level off where it was half way
        return float(((one - other).abs() > 1).any())
    beside = one.abs().clamp_min(1)
    apart = torch.where(one == other, 0.0, (one - other).abs() / beside)
    return float(apart.nan_to_num(math.inf, math.inf).max()) if one.numel() else 0.0


def _session(content: bytes) -> Callable[[dict[str, Tensor]], list[Tensor]]:
    """What a file computes, by names."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    names = {value.name for value in session.get_inputs()}

    def run(inputs: dict[str, Tensor]) -> list[Tensor]:
        given = {name: each.numpy() for name, each in inputs.items() if name in names}
        try:
            found = session.run(None, given)
        except Exception as error:  # onnxruntime has exceptions of its own for each reason
            raise StudioError(f"What was exported does not run: {error}") from error
        return [torch.from_numpy(each) for each in found]

    return run
