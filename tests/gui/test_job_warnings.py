"""The warnings of the page's work, and those of everyone else in the process."""

import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from elephant_dic.gui.widgets.job_warnings import collected_warnings


def warn(text, category=UserWarning):
    warnings.warn(text, category, stacklevel=1)


@pytest.fixture
def heard():
    """What reaches the user's own hook, under the user's own filters: each warning of a line once."""
    texts = []
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("default")
        warnings.showwarning = lambda message, *_, **__: texts.append(str(message))
        yield texts


@pytest.fixture
def meanwhile():
    """Runs a function in another thread, to its end."""
    with ThreadPoolExecutor(1) as other:
        yield lambda function, *args: other.submit(function, *args).result()


def test_hook_and_filters_are_as_they_were(heard):
    hook, filters = warnings.showwarning, list(warnings.filters)
    with collected_warnings():
        assert warnings.showwarning is not hook
    assert warnings.showwarning is hook
    assert warnings.filters == filters


def test_hook_and_filters_are_as_they_were_after_work_that_fails(heard):
    hook, filters = warnings.showwarning, list(warnings.filters)
    with pytest.raises(ValueError, match="few"), collected_warnings():
        raise ValueError("few")
    assert warnings.showwarning is hook
    assert warnings.filters == filters


def test_the_hook_stays_until_the_last_work_ends(heard, meanwhile):
    hook, done = warnings.showwarning, threading.Event()
    begun = threading.Event()

    def work():
        with collected_warnings() as found:
            begun.set()
            assert done.wait(60)
            warn("late")
        return found

    with ThreadPoolExecutor(1) as worker:
        slow = worker.submit(work)
        assert begun.wait(60)
        with collected_warnings():
            pass
        assert warnings.showwarning is not hook
        done.set()
        assert slow.result() == ["late"]
    assert warnings.showwarning is hook
    assert heard == []


def test_work_is_told_what_the_user_does_not_want_to_hear(heard):
    warnings.simplefilter("ignore")
    with collected_warnings() as found:
        for _ in range(3):
            warn("doubtful")
    assert found == ["doubtful"] * 3
    assert heard == []


def test_what_the_user_has_heard_is_told_again_to_work(heard):
    def same_line():
        warn("again")

    same_line()
    same_line()
    assert heard == ["again"]
    for _ in range(2):
        with collected_warnings() as found:
            same_line()
        assert found == ["again"]


def test_warnings_of_others_reach_the_user_once_as_the_filters_say(heard, meanwhile):
    with collected_warnings() as found:
        for _ in range(3):
            meanwhile(warn, "of another thread")
        warn("of this work")
    assert heard == ["of another thread"]
    assert found == ["of this work"]


def test_filters_of_the_user_hold_for_others_while_work_goes_on(heard, meanwhile):
    warnings.simplefilter("error", UserWarning)
    with collected_warnings() as found:
        with pytest.raises(UserWarning, match="as an error"):
            meanwhile(warn, "as an error")
        warn("kept")
    assert found == ["kept"]


def test_other_categories_go_to_the_user(heard):
    with collected_warnings() as found:
        warn("old name", DeprecationWarning)
    assert found == []
    assert heard == ["old name"]


def test_two_works_at_once_do_not_mix(heard):
    together = threading.Barrier(2, timeout=60)

    def work(text):
        with collected_warnings() as found:
            for _ in range(50):
                together.wait()
                warn(text)
        return found

    with ThreadPoolExecutor(2) as workers:
        assert list(workers.map(work, "ab")) == [["a"] * 50, ["b"] * 50]
    assert heard == []


def test_a_hook_that_someone_sets_meanwhile_stays(heard):
    late = []

    def hook(message, *_, **__):
        late.append(str(message))

    with collected_warnings():
        warnings.showwarning = hook
    assert warnings.showwarning is hook
    warn("after")
    assert late == ["after"]


def test_a_hook_that_was_put_back_meanwhile_hands_on(heard):
    """As `catch_warnings` of another thread does, entered during some work and left after it."""
    with collected_warnings():
        ours = warnings.showwarning
    warnings.showwarning = ours
    warn("still heard")
    with collected_warnings() as found:
        warn("of work")
    warn("and again")
    assert heard == ["still heard", "and again"]
    assert found == ["of work"]
