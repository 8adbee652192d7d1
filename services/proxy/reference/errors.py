"""The one error tree of the proxy.

ProxyError
├── Refusal            a request that gets an error status instead of a tunnel
│   └── Malformed      … and whose connection cannot go on
└── PolicyError        the allow-list or the deny-list cannot be read
"""

from __future__ import annotations

from enum import StrEnum

Fields = tuple[tuple[str, str], ...]


class ProxyError(Exception):
    """What keeps a tunnel from being opened."""


class Cause(StrEnum):
    """Why, in the registered words of Proxy-Status (RFC 9209 2.3); each with the status that tells it."""

    DNS_TIMEOUT = "dns_timeout"
    DNS_ERROR = "dns_error"
    DESTINATION_UNAVAILABLE = "destination_unavailable"
    IP_PROHIBITED = "destination_ip_prohibited"
    IP_UNROUTABLE = "destination_ip_unroutable"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_TERMINATED = "connection_terminated"
    CONNECTION_TIMEOUT = "connection_timeout"
    CONNECTION_LIMIT = "connection_limit_reached"
    REQUEST_ERROR = "http_request_error"
    REQUEST_DENIED = "http_request_denied"
    INTERNAL = "proxy_internal_error"


class Refusal(ProxyError):  # noqa: N818 - named for what the client gets
    """`status` and `reason` in words; `fields` that the answer must have; `rcode` when DNS said so."""

    def __init__(
        self, status: int, cause: Cause, reason: str, fields: Fields = (), rcode: str | None = None
    ) -> None:
        super().__init__(reason)
        self.status, self.cause, self.reason = status, cause, reason
        self.fields, self.rcode = fields, rcode


class Malformed(Refusal):
    """A request that breaks HTTP: what follows it on the connection cannot be trusted (RFC 9112 9.3)."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(status, Cause.REQUEST_ERROR, reason)


class PolicyError(ProxyError):
    """A line of the allow-list or the deny-list that means nothing."""
