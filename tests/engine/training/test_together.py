"""Two processes that train together do what one does alone: the same steps, one run, one end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial

import pytest
import torch

from studio.engine import checkpoints
from studio.engine.checkpoints import places
from studio.engine.training.runs import Run
from studio.engine.training.watching_runs import RunView
from tests.engine.conftest import save_stripes
from tests.engine.training_together import all_of_it, ten_steps
from tests.engine.two_processes import both, forks

pytestmark = forks


@dataclass
class Trained:
    """alone: ten steps of one process. ten: the same of two. stopped: a run that one of the two has
    stopped, then gone on with, and stopped by the other; ends: how, in each of them."""

    alone: Run
    ten: Run
    stopped: Run
    ends: list[list[str]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("together")
    stripes = save_stripes(folder / "stripes.npz")
    alone = ten_steps(stripes, folder / "alone").run  # first: what it imports is there in both
    ends = both(partial(all_of_it, stripes, folder), folder)
    return Trained(alone, Run(folder / "ten"), Run(folder / "stopped"), ends)


def test_two_processes_make_the_steps_of_one(trained: Trained) -> None:
    rows, own = trained.ten.metrics(), trained.alone.metrics()
    assert own[-1]["step"] == 10
    for row, same in zip(rows, own, strict=True):
        del row["seconds"], same["seconds"]
        assert row == pytest.approx(same, rel=1e-4)
    weights = dict(checkpoints.load(trained.ten.latest).named_parameters())
    for name, expected in checkpoints.load(trained.alone.latest).named_parameters():
        torch.testing.assert_close(weights[name], expected, rtol=1e-4, atol=1e-5, msg=name)


def test_the_first_process_alone_writes_the_run(trained: Trained) -> None:
    files = [
        {path.relative_to(run.folder).as_posix() for path in run.folder.rglob("*")}
        for run in (trained.ten, trained.alone)
    ]
    events = [{name for name in names if "events" in name} for names in files]
    assert files[0] - events[0] == files[1] - events[1]
    assert len(events[0]) == 1
    assert not places.is_run(places.runs_folder() / "rank-1")


def test_where_one_process_is_stopped_all_are_and_the_run_goes_on_later(trained: Trained) -> None:
    assert trained.ends == [["cancelled", "cancelled"]] * 2
    steps = [row["step"] for row in trained.stopped.metrics()]
    assert steps == sorted(steps)


@pytest.mark.parametrize("host", ["here", "elsewhere"])
def test_their_run_is_watched_from_any_machine(trained: Trained, host: str) -> None:
    for run, state in ((trained.ten, "finished"), (trained.stopped, "stopped")):
        status = run.folder / places.STATUS
        if host == "elsewhere":
            status.write_text(json.dumps({**json.loads(status.read_text()), "host": host}))
        view = RunView(run.folder)
        view.refresh()
        assert (view.state, view.last_error, view.rows) == (state, "", run.metrics())
