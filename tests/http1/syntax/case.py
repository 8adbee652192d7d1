"""One case of syntax, and what its octets are made from."""

from __future__ import annotations

from dataclasses import dataclass

HOST = b"Host: a.wireyard.test\r\n"
GET = b"GET /todos?name=lisi HTTP/1.1\r\n"
POST = b"POST /echo HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
NEXT = b"GET /todos HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"

ACCEPTED = 0
"""As an answer: any final status but those that call the request malformed, too large or unknown."""
REFUSALS = frozenset((400, 408, 411, 414, 417, 421, 426, 431, 501, 505))


@dataclass(frozen=True, slots=True)
class Case:
    """One request. `answer` is ACCEPTED, or the statuses that refuse it; the connection then closes."""

    name: str
    rfc: tuple[str, str]
    sent: bytes
    answer: int | tuple[int, ...] = 400

    @property
    def accepted(self) -> bool:
        """Whether the request is answered as one, and the connection goes on."""
        return self.answer == ACCEPTED

    def fits(self, status: int) -> bool:
        """Whether `status` is a right answer."""
        if isinstance(self.answer, tuple):
            return status in self.answer
        return status not in REFUSALS if self.accepted else status == self.answer


@dataclass(frozen=True, slots=True)
class Topic:
    """Cases of one subject, under the feature of the contract that owes them."""

    title: str
    feature: str
    cases: tuple[Case, ...]


def line(octets: bytes) -> bytes:
    """A request with this request line."""
    return octets + b"\r\n" + HOST + b"\r\n"


def field(octets: bytes) -> bytes:
    """A request with this field line."""
    return GET + HOST + octets + b"\r\n\r\n"


def host(value: bytes) -> bytes:
    """A request with this Host."""
    return GET + b"Host: " + value + b"\r\n\r\n"


def body(fields: bytes, content: bytes = b"") -> bytes:
    """A POST with these field lines, and this behind them."""
    return POST + fields + b"\r\n\r\n" + content
