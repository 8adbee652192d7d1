"""One running tcpdump: started with the right to capture or refused in one clear line, read, ended."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from lab.backends import Backend
from lab.errors import CaptureError
from lab.patience import SECOND
from lab.topology import PROJECT

_PIECE = 1 << 16
_ENDS_WITHIN = 10 * SECOND
_NO_RIGHT = {
    "embedded": "this user may not capture on loopback; run it as root, or use BACKEND=compose",
    "compose": "the engine withholds NET_RAW from the sidecar; BACKEND=embedded captures on loopback",
}


class Sniffer:
    """What `command`, made by `backend`, writes; a context that has seen packets being listened for."""

    def __init__(self, backend: Backend, command: Sequence[str]) -> None:
        self._backend, self._command = backend, command

    def __enter__(self) -> Self:
        """Returns once tcpdump listens. Raises CaptureError when it does not."""
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            self._command, bufsize=0, cwd=PROJECT, stdin=pipe, stdout=pipe, stderr=pipe
        )
        said = ""
        for line in self._process.stderr or ():
            said += line.decode("utf-8", "replace")
            if b"listening on" in line:
                return self
        self.__exit__(None, None, None)
        raise CaptureError(self._reason(said))

    def pieces(self) -> Iterator[bytes]:
        """The pcap file, as it grows, until tcpdump ends."""
        if self._process.stdout is not None:
            while piece := os.read(self._process.stdout.fileno(), _PIECE):
                yield piece

    @property
    def ended(self) -> bool:
        """Whether tcpdump runs no longer."""
        return self._process.poll() is not None

    def end(self) -> None:
        """Asks tcpdump to end; `pieces` then comes to its end too."""
        if self._process.stdin is not None:
            self._process.stdin.close()
            self._process.stdin = None  # or `communicate` would flush it

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        try:
            self._process.communicate(timeout=_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def _reason(self, said: str) -> str:
        if "permission" in said.lower() or "not permitted" in said.lower():
            return _NO_RIGHT[self._backend.name]
        return f"tcpdump ended at once: {said.strip()[-300:] or 'it said nothing'}"
