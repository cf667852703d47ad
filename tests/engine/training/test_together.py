"""Two processes that train together do what one does alone: the same steps, one run, one end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.engine import checkpoints
from studio.engine.checkpoints import places
from studio.engine.training.runs import Run
from studio.engine.training.watching_runs import RunView
from tests.engine.training_together import ten_steps
from tests.engine.two_processes import started


@dataclass
class Both:
    """folder: of the runs "ten" and "stopped". said: by each of the processes."""

    folder: Path
    said: list[dict[str, Any]]

    def run(self, name: str) -> Run:
        return Run(self.folder / name)


@pytest.fixture
def together(stripes: Path, tmp_path: Path, user_data_folder: Path) -> Both:
    return Both(tmp_path, started("tests.engine.training_together", stripes, tmp_path))


def test_two_processes_make_the_steps_of_one_and_leave_one_run(
    together: Both, stripes: Path, tmp_path: Path
) -> None:
    alone = ten_steps(stripes, tmp_path / "alone").run
    ten = together.run("ten")
    assert ten.metrics()[-1]["step"] == 10
    for own, other in zip(alone.metrics(), ten.metrics(), strict=True):
        same = own.keys() - {"seconds"}
        assert {key: other[key] for key in same} == pytest.approx(
            {key: own[key] for key in same}, rel=1e-4
        )
    weights = [dict(checkpoints.load(run.latest).named_parameters()) for run in (alone, ten)]
    for name, own in weights[0].items():
        torch.testing.assert_close(weights[1][name], own, rtol=1e-4, atol=1e-5, msg=name)

    def files(run: Run) -> set[str]:
        found = (path.relative_to(run.folder).as_posix() for path in run.folder.rglob("*"))
        return {name for name in found if not name.startswith("tensorboard/")}

    assert files(ten) == files(alone)
    assert len([*ten.tensorboard.iterdir()]) == 1, "of one process"
    assert not [*places.runs_folder().glob("*")]
    # stopped by the second process, gone on with, and stopped by the first one
    assert [said["states"] for said in together.said] == [["cancelled"] * 2] * 2
    steps = [row["step"] for row in together.run("stopped").metrics()]
    assert steps == sorted(set(steps))
    # the window of another machine sees all of it
    for name, state in (("ten", "finished"), ("stopped", "stopped")):
        status = together.run(name).folder / places.STATUS
        status.write_text(json.dumps({**json.loads(status.read_text()), "host": "elsewhere"}))
        view = RunView(together.run(name).folder)
        view.refresh()
        assert (view.state, view.last_error) == (state, "")
        assert view.rows == together.run(name).metrics()
