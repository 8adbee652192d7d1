"""The TLS secrets of all services, gathered for as long as a run of the suite takes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from lab.capture.keylog import LONGEST, KeyLog
from lab.errors import CaptureError

_HELLO = re.compile(rb"\x16\x03[\x01-\x03]..\x01...\x03\x03(.{32})", re.DOTALL)
"""A TLS record with a ClientHello up to its random (RFC 8446 4.1.2), by which a key log names connections."""


class Secrets:
    """What `logs` wrote. A service that does not answer, for a test has killed it, is asked again later."""

    def __init__(self, logs: Sequence[KeyLog]) -> None:
        self._logs = logs
        self._lines: dict[str, dict[str, None]] = {}
        self._started = 0.0

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Every service writes its secrets for as long as the context lasts."""
        with ExitStack() as stack:
            for log in self._logs:
                stack.callback(log.stop)
            self._start()
            yield

    def renew(self) -> None:
        """Begins new logs before the services end theirs."""
        if time.monotonic() > self._started + LONGEST / 2:
            self._gather()
            self._start()

    def of(self, packets: bytes) -> str:
        """The secrets, as a key log, of the handshakes that stand in `packets`."""
        self._gather()
        randoms = dict.fromkeys(random.hex() for random in _HELLO.findall(packets))
        return "".join(f"{line}\n" for random in randoms for line in self._lines.get(random, ()))

    def _start(self) -> None:
        self._started = time.monotonic()
        for log in self._logs:
            with suppress(CaptureError):
                log.start(LONGEST)

    def _gather(self) -> None:
        for log in self._logs:
            try:
                written = log.text()
            except CaptureError:
                with suppress(CaptureError):
                    log.start(LONGEST)
                continue
            for line in written.splitlines():
                label, _, rest = line.partition(" ")
                if label and label != "#":
                    self._lines.setdefault(rest.partition(" ")[0].lower(), {})[line] = None
