"""Jobs: life cycle, cancelling, failing, and waiting for all of them."""

import gc
import threading
import time
import weakref

import pytest

from studio.engine.runtime.errors import StudioError
from studio.engine.runtime.jobs import Cancelled, CancelToken, Job, Mailbox, State, stop_all


def run_to_the_end(job: Job) -> Job:
    job.start()
    assert job.join(5)
    return job


def wait_for_cancel(job: Job) -> None:
    assert job.token.wait(5), "nobody cancelled"
    job.token.raise_if_cancelled()


def test_a_job_returns_its_result():
    job = run_to_the_end(Job(lambda job: 42, "sum"))
    assert (job.state, job.result, job.error) == (State.FINISHED, 42, "")


def test_a_job_is_pending_until_started_and_running_while_it_works():
    working, go_on = threading.Event(), threading.Event()

    def work(job: Job) -> None:
        working.set()
        assert go_on.wait(5)

    job = Job(work)
    states = [job.state]
    job.start()
    assert working.wait(5)
    states.append(job.state)
    assert not job.join(0.01), "join comes back after its timeout though the job still runs"
    go_on.set()
    assert job.join(5)
    states.append(job.state)
    assert states == [State.PENDING, State.RUNNING, State.FINISHED]


def test_cancelling_wakes_a_waiting_job_at_once():
    job = Job(wait_for_cancel)
    job.start()
    began = time.monotonic()
    job.cancel()
    assert job.join(5)
    assert job.state is State.CANCELLED
    assert time.monotonic() - began < 0.1


def test_a_job_cancelled_before_it_starts_does_no_work():
    worked = []
    job = Job(lambda job: worked.append(1))
    job.cancel()
    run_to_the_end(job)
    assert job.state is State.CANCELLED
    assert worked == []


def test_work_that_stops_early_may_keep_its_result():
    def work(job: Job) -> str:
        job.token.wait(5)
        return "half a model"

    job = Job(work)
    job.start()
    job.cancel()
    assert job.join(5)
    assert (job.state, job.result) == (State.CANCELLED, "half a model")


def test_a_failure_carries_its_traceback_as_text():
    def work(job: Job) -> None:
        raise ValueError("seven is not a digit")

    job = run_to_the_end(Job(work))
    assert job.state is State.FAILED
    assert job.message == "seven is not a digit"
    assert "Traceback" in job.error
    assert "in work" in job.error


@pytest.mark.parametrize(("error", "refused"), [(StudioError, True), (ValueError, False)])
def test_a_job_says_whether_it_was_refused_in_a_sentence(error, refused):
    def work(_):
        raise error("The StudioError is but a word here.")

    job = Job(work)
    job.start()
    job.join(5)
    assert job.refused == refused


def test_a_failure_frees_what_the_work_held():
    class Tensor:
        pass

    held: list[weakref.ref] = []

    def work(job: Job) -> None:
        tensor = Tensor()
        held.append(weakref.ref(tensor))
        try:
            raise KeyError("inner")
        except KeyError as inner:
            raise RuntimeError("outer") from inner

    gc.disable()  # no help from the collector: the job itself has to let go
    try:
        job = run_to_the_end(Job(work))
        assert "inner" in job.error
        assert held[0]() is None
    finally:
        gc.enable()


def test_a_finished_job_lets_go_of_its_work():
    class Work:
        def __call__(self, job: Job) -> None:
            pass

    work = Work()
    held = weakref.ref(work)
    job = Job(work)
    del work
    run_to_the_end(job)
    assert held() is None


def test_the_mailbox_holds_only_the_latest_value():
    mailbox: Mailbox[int] = Mailbox()
    assert mailbox.take() is None
    mailbox.put(1)
    mailbox.put(2)
    assert mailbox.take() == 2
    assert mailbox.take() is None


def test_on_finish_sees_the_final_state_for_every_way_to_end():
    def fail(job: Job) -> None:
        raise OSError("disk full")

    endings = []
    for work in (lambda job: None, wait_for_cancel, fail):
        job: Job = Job(work)
        job.on_finish.append(lambda job: endings.append(job.state))
        job.start()
        if work is wait_for_cancel:
            job.cancel()
        assert job.join(5)
    assert endings == [State.FINISHED, State.CANCELLED, State.FAILED]
    assert all(state.over for state in endings)


def test_a_failing_callback_does_not_stop_the_next(caplog):
    called = []
    job = Job(lambda job: None, "lonely")
    job.on_finish += [lambda job: 1 / 0, lambda job: called.append(1)]
    run_to_the_end(job)
    assert called == [1]
    assert "lonely" in caplog.text


def test_a_token_raises_only_once_cancelled():
    token = CancelToken()
    token.raise_if_cancelled()
    token.cancel()
    with pytest.raises(Cancelled):
        token.raise_if_cancelled()


def test_stop_all_cancels_everything_and_names_what_still_runs():
    let_go = threading.Event()
    polite = [Job(wait_for_cancel, f"polite {i}") for i in range(3)]
    stubborn = Job(lambda job: let_go.wait(5), "stubborn")
    never_started = Job(wait_for_cancel, "never started")
    for job in (*polite, stubborn):
        job.start()
    began = time.monotonic()
    assert stop_all([*polite, stubborn, never_started], timeout=0.2) == [stubborn]
    assert time.monotonic() - began < 1
    let_go.set()
    assert stubborn.join(5)
