"""The one error tree of the TCP, UDP and tunnel clients. Each says at which step it happened.

NetError
├── NameFailure        the name has no address, or nobody could be asked
├── Refused            nobody listens there (TCP RST to the SYN, ICMP port unreachable)
├── Reset              the peer broke the connection off
├── TimedOut           nothing came in time
├── Unreachable        no route, or a network that will not carry it
├── EndedEarly         the peer ended before all that was expected had come
├── Insecure           TLS failed: the certificate, the name, the handshake
├── ProxyRefusal       the proxy answered, and the answer was no
├── NotHTTP            what the proxy sent is no HTTP answer
└── LocalFailure       this machine would not: no port, no permission, a datagram too long
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class NetError(Exception):
    """What went wrong, at `step`."""

    def __init__(self, step: str, problem: str) -> None:
        super().__init__(f"{step}: {problem}")
        self.step, self.problem = step, problem


class NameFailure(NetError):  # noqa: N818 - these are named for what happened
    """The name has no address, or nobody could be asked."""


class Refused(NetError):  # noqa: N818
    """Nobody listens there."""


class Reset(NetError):  # noqa: N818
    """The peer broke the connection off."""


class TimedOut(NetError):  # noqa: N818
    """Nothing came in time."""


class Unreachable(NetError):  # noqa: N818
    """There is no way there."""


class EndedEarly(NetError):  # noqa: N818
    """The peer ended before all that was expected had come; `data` is what had."""

    def __init__(self, step: str, problem: str, data: bytes = b"") -> None:
        super().__init__(step, problem)
        self.data = data


class Insecure(NetError):  # noqa: N818
    """TLS failed."""


class ProxyRefusal(NetError):  # noqa: N818
    """The proxy said no: its `status`, its fields by lower-case name, its words."""

    def __init__(self, status: int, fields: Mapping[str, str], body: str = "") -> None:
        super().__init__("CONNECT", f"the proxy answered {status}: {body.strip() or 'nothing more'}")
        self.status, self.fields, self.body = status, fields, body

    @property
    def error(self) -> str | None:
        """The error of Proxy-Status (RFC 9209 2.1.1), if the proxy told one."""
        for part in self.fields.get("proxy-status", "").split(";"):
            name, _, value = part.strip().partition("=")
            if name == "error":
                return value
        return None


class NotHTTP(NetError):  # noqa: N818
    """What the proxy sent is no HTTP answer."""


class LocalFailure(NetError):  # noqa: N818
    """This machine would not."""


_KINDS: Mapping[int | None, type[NetError]] = {
    errno.ECONNREFUSED: Refused,
    errno.ECONNRESET: Reset,
    errno.EPIPE: Reset,
    errno.ECONNABORTED: Reset,
    errno.ETIMEDOUT: TimedOut,
    errno.ENETUNREACH: Unreachable,
    errno.EHOSTUNREACH: Unreachable,
    errno.ENETDOWN: Unreachable,
    errno.EHOSTDOWN: Unreachable,
}


@contextmanager
def told(step: str) -> Iterator[None]:
    """The border: whatever the system raises inside comes out as a NetError of `step`."""
    try:
        yield
    except socket.gaierror as error:
        raise NameFailure(step, error.strerror or str(error)) from error
    except ssl.SSLError as error:
        words = getattr(error, "verify_message", "") or getattr(error, "reason", "") or str(error)
        raise Insecure(step, words) from error
    except TimeoutError as error:
        raise TimedOut(step, error.strerror or "nothing came in time") from error
    except OSError as error:
        kind = _KINDS.get(_number(error), LocalFailure)
        raise kind(step, _words(error)) from error


def _number(error: OSError) -> int | None:
    # asyncio raises a bare ConnectionResetError for a write after the connection was lost.
    return errno.ECONNRESET if isinstance(error, ConnectionResetError) else error.errno


def _words(error: OSError) -> str:
    # asyncio writes its own text into strerror; the system's is the one that people know.
    return os.strerror(error.errno) if error.errno else str(error) or "the connection is gone"
