"""Who is on the page: each tab of a browser has a session, which outlives its connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .session import Session

PATIENCE = 600.0  # s for which the session of a visitor without a connection is kept


@dataclass
class _Visit:
    session: Session
    connected: set[str] = field(default_factory=set)
    left: float = 0.0  # when the last connection was lost


class Visitors:
    """The sessions by the tab that they belong to.

    A page that is loaded again, by the button for it or by that which goes back, finds its session, and
    whatever goes on in it. A visitor who stays away is forgotten: what runs is stopped, files are removed.

    Parameters
    ----------
    patience : float
        Seconds without a connection, after which a visitor has left.
    clock : function
        Gives the time in seconds.
    """

    def __init__(self, patience: float = PATIENCE, clock: Callable[[], float] = time.monotonic):
        self._patience, self._clock = patience, clock
        self._visits: dict[str, _Visit] = {}

    def __len__(self) -> int:
        return len(self._visits)

    def join(self, tab: str, connection: str, session: Session) -> Session:
        """The session of a tab that is connected now: the one that it had, else the one given."""
        visit = self._visits.setdefault(tab, _Visit(session))
        visit.connected.add(connection)
        return visit.session

    def leave(self, tab: str, connection: str) -> None:
        """A connection of a tab is lost; it may come back."""
        visit = self._visits.get(tab)
        if visit is None:
            return
        visit.connected.discard(connection)
        if not visit.connected:
            visit.left = self._clock()

    def forget_absent(self) -> None:
        """Close the sessions of those who have been away for too long."""
        now = self._clock()
        for tab, visit in list(self._visits.items()):
            if not visit.connected and now - visit.left >= self._patience:
                del self._visits[tab]
                visit.session.close()

    def close(self) -> None:
        """Close all sessions: the server stops."""
        for visit in self._visits.values():
            visit.session.close()
        self._visits.clear()
