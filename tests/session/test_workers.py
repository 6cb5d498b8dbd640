"""Workers by name."""

import os
import time
from concurrent.futures.process import BrokenProcessPool

import pytest

from elephant_dic.session import workers


def test_a_number_of_processes():
    with workers("1") as executor:
        assert executor.submit(os.getpid).result(60) != os.getpid()
        assert executor._max_workers == 1
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit(os.getpid)


def test_they_end_with_the_context_whatever_they_do():
    with workers("1") as executor:
        executor.submit(os.getpid).result(60)
        (worker,) = executor._processes.values()
        future = executor.submit(time.sleep, 3600)
        while not future.running():
            time.sleep(0.01)
    worker.join(60)
    assert worker.exitcode
    with pytest.raises(BrokenProcessPool):
        future.result(60)


def test_none_is_none():
    with workers(None) as executor:
        assert executor is None


@pytest.mark.parametrize("text", ["", "0", "-1", "2.5", "slurm", "dask"])
def test_other_names(text):
    with (
        pytest.raises(ValueError, match="executor must be a number of processes, or dask: and the"),
        workers(text),
    ):
        pass


def test_a_scheduler_that_is_not_there():
    pytest.importorskip("distributed", reason="dask is not installed: pip install '.[dask]'")
    import dask  # after distributed, whose settings would go with those of the test

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "200ms"}),
        pytest.raises(OSError, match="127.0.0.1:9"),
        workers("dask:tcp://127.0.0.1:9"),
    ):
        pass
