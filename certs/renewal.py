"""Keeps a store fresh while the yard runs: what `make up` would renew is renewed when it is due.

When that is, the certificates, lists and staples say; in between nothing is done but to look at the clock,
which a machine that sleeps sets forward. What cannot be renewed is told and tried again. The root's key is
neither needed nor touched: what it signed lasts a year and longer, and `make up` renews it.
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from certs.errors import CertsError
from certs.make import Made
from certs.term import NEVER

SOONEST, LATEST = timedelta(seconds=1), timedelta(hours=1)
"""Between two looks at the clock, however near or far what is due."""
PATIENCE = timedelta(minutes=5)
"""At the longest, between two attempts that fail."""
ENDS = (signal.SIGTERM, signal.SIGINT)
WAKES = (signal.SIGHUP,)
"""Renews what is due at once, as it makes a service read what was renewed."""

Wait = Callable[[timedelta], int | None]
"""Returns after a time, or earlier with one of the signals above."""


def hold_signals() -> None:
    """Lets no signal interrupt this process while it writes: they are for `wait_for_signal`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, (*ENDS, *WAKES))


def wait_for_signal(longest: timedelta) -> int | None:
    """A Wait for a process that has called `hold_signals`: none is lost between two waits."""
    found = signal.sigtimedwait((*ENDS, *WAKES), longest.total_seconds())
    return found.si_signo if found else None


def keeping(renew: Callable[[], Sequence[Made]], wait: Wait) -> Iterator[str]:
    """Calls `renew` now and whenever something is due, until `wait` ends it; yields what was done."""
    pause = SOONEST
    while True:
        try:
            report = renew()
        except (CertsError, OSError) as error:
            yield f"nothing is renewed: {error}; again in {pause.total_seconds():.0f} s"
            due, pause = datetime.now(UTC) + pause, min(2 * pause, PATIENCE)
        else:
            yield from _told(report)
            due, pause = next_due(report), SOONEST
            yield f"the next is due {_moment(due)}"
        if not _until(due, wait):
            return


def next_due(report: Sequence[Made]) -> datetime:
    """When the first thing of a report is due that is not due already: that is the root's to renew."""
    now = datetime.now(UTC)
    return min((made.due for made in report if made.due > now), default=NEVER)


def _told(report: Sequence[Made]) -> Iterator[str]:
    now = datetime.now(UTC)
    for made in report:
        if made.why:
            yield f"{made.name}: made ({made.why}), until {_moment(made.ends)}"
        elif made.due <= now:
            yield f"{made.name}: ends {_moment(made.ends)}; the root signs it, so only `make up` renews it"


def _until(due: datetime, wait: Wait) -> bool:
    """Waits by the clock on the wall until `due`, or to be woken; False ends the work."""
    while (left := due - datetime.now(UTC)) > timedelta():
        if (told := wait(min(max(left, SOONEST), LATEST))) is not None:
            return told in WAKES
    return wait(timedelta()) not in ENDS


def _moment(when: datetime) -> str:
    return "never" if when == NEVER else f"{when:%Y-%m-%d %H:%M:%S} UTC"
