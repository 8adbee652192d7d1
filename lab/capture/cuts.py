"""Cuts one stream of packets into a capture for each failed test, by the marks among the packets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lab.capture.marks import Mark, found

KEPT = 16 * 1024 * 1024
"""Bytes of packets kept of one test; the first ones, for without a handshake nothing decrypts."""


@dataclass(slots=True)
class _Open:
    records: list[bytes] = field(default_factory=list)
    size: int = 0
    left_out: int = 0

    def add(self, record: bytes) -> None:
        if self.size + len(record) > KEPT:
            self.left_out += 1
            return
        self.records.append(record)
        self.size += len(record)


@dataclass(frozen=True, slots=True)
class Cut:
    """A failed test's packets, as records of a pcap file, and how many more there were than are kept."""

    test: str
    records: bytes
    left_out: int


class Cutter:
    """Takes records in order. Tests that run at the same time (`-n`) see each other's packets."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self.ended = False

    def add(self, record: bytes) -> Iterator[Cut]:
        """The capture of the test that `record` ends, if it ends one that failed."""
        mark = found(record)
        if mark is not None and mark.what == "begin":
            self._open[mark.test] = _Open()
        for test in self._open.values():
            test.add(record)
        if mark is not None:
            yield from self._end(mark)

    def _end(self, mark: Mark) -> Iterator[Cut]:
        self.ended = self.ended or mark.what == "end"
        if mark.what in {"passed", "failed"}:
            test = self._open.pop(mark.test, None)
            if test is not None and mark.what == "failed":
                yield Cut(mark.test, b"".join(test.records), test.left_out)
