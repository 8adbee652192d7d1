"""Captures a run of the suite: one file for each failed test, beside its logs and its journals."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lab.backends.processes import listening
from lab.capture import marks
from lab.capture.cuts import Cut, Cutter
from lab.capture.keylog import KeyLog
from lab.capture.pcapng import Reader, convert
from lab.capture.secrets import Secrets
from lab.capture.sniffer import Sniffer
from lab.errors import CaptureError, MissingToolError
from lab.patience import SECOND
from lab.runner import Runner

FILE = "packets.pcapng"
MOST = 50
"""Failed tests of one run that are given a capture."""
# tcpdump may hold packets for a second before it hands them on.
_LAST_PACKETS = 5 * SECOND


class SuiteCapture:
    """What is captured of one run: `files`, and how many failed tests were too many to have one."""

    def __init__(self, runner: Runner, sniffer: Sniffer) -> None:
        self.files: list[Path] = []
        self.too_many = 0
        self._runner, self._sniffer = runner, sniffer
        self._secrets = Secrets([log for s in listening(runner.topology) if (log := KeyLog.of(s))])
        self._cutter = Cutter()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, name="capture", daemon=True)

    @contextmanager
    def running(self) -> Iterator[SuiteCapture]:
        """For as long as the suite runs, and until the packets on their way at its end have come."""
        with self._secrets.kept():
            self._thread.start()
            try:
                yield self
                self._ended.wait(_LAST_PACKETS)
            finally:
                self._sniffer.end()
                self._thread.join(_LAST_PACKETS)

    def _read(self) -> None:
        reader = Reader()
        for piece in self._sniffer.pieces():
            for record in reader.feed(piece):
                for cut in self._cutter.add(record):
                    self._keep(cut, reader.head)
            self._secrets.renew()
            if self._cutter.ended:
                self._ended.set()

    def _keep(self, cut: Cut, head: bytes) -> None:
        if len(self.files) == MOST:
            self.too_many += 1
            return
        file = self._runner.state.failures / marks.folder(cut.test) / FILE
        file.parent.mkdir(parents=True, exist_ok=True)
        secrets = self._secrets.of(cut.records)
        more = f"; {cut.left_out} more packets were too many to keep" if cut.left_out else ""
        file.write_bytes(convert(head + cut.records, secrets.encode("ascii"), cut.test + more))
        self.files.append(file)


@contextmanager
def captured(runner: Runner) -> Iterator[SuiteCapture | None]:
    """Captures what happens inside the context; None, and one line, where the right to capture is missing."""
    with ExitStack() as stack:
        try:
            sniffer = stack.enter_context(Sniffer(runner.backend, runner.backend.capture_suite()))
        except (CaptureError, MissingToolError) as error:
            runner.say(f"declined: captures: {error}")
            yield None
            return
        yield stack.enter_context(SuiteCapture(runner, sniffer).running())
