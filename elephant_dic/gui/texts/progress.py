"""How a run goes, in words: what was found, for how long, and for how long it may go on."""

from __future__ import annotations


def progress(elapsed, report, is_stopping) -> str:
    """How a run goes: what was found, for how long it has searched, and for how long it may go on.

    Parameters
    ----------
    elapsed : float
        Seconds.
    report : (n_matching, n_models, n_simulated) or None
    is_stopping : bool
    """
    if report is None:
        return f"{'Stopping' if is_stopping else 'Simulating the first models'} … {time_span(elapsed)} so far"
    n_matching, n_models, n_simulated = report
    text = f"{n_matching:,} of {n_models:,} models found; {n_simulated:,} simulated; "
    text += f"{time_span(elapsed)} so far"
    if is_stopping:
        return f"Stopping … {text}"
    left = remaining(elapsed, report)
    return f"{text}, {'how long to go is not known yet' if left is None else f'some {time_span(left)} to go'}"


def cells_done(n_done, n_cells, elapsed, is_running) -> str:
    """How a run over all cells goes."""
    text = f"{n_done:,} of {n_cells:,} cells done; {time_span(elapsed)}"
    if not is_running:
        return text
    left = f", some {time_span(elapsed / n_done * (n_cells - n_done))} to go" if n_done else ""
    return f"{text} so far{left}"


def time_span(seconds) -> str:
    """A time as people say it: seconds, minutes, hours."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def remaining(elapsed: float, report: tuple[int, int, int] | None) -> float | None:
    """Seconds that a run may still take, if models go on being found as so far; None as long as none is."""
    if report is None or not report[0]:
        return None
    n_matching, n_models, _ = report
    return elapsed * (n_models - n_matching) / n_matching
