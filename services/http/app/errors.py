"""The one error tree of the application.

ExchangeError
├── Refused            the request is answered with an error status
│   └── NotOffered     501: this implementation lacks what the route needs
├── ClientGone         the client went away; nothing can be sent any more
└── MisusedExchange    a handler broke the order head, body, end (a bug of ours)
"""

from __future__ import annotations

from services.http.app.message import Fields


class ExchangeError(Exception):
    """What ends the handling of a request early."""


class Refused(ExchangeError):  # noqa: N818 - named for what happened to the request
    """The request is answered with `status` and `problem` in words."""

    def __init__(self, status: int, problem: str, fields: Fields = ()) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.fields = fields


class NotOffered(Refused):
    """501 (RFC 9110 15.6.2): the route needs an ability that this implementation declines."""

    def __init__(self, ability: str) -> None:
        super().__init__(501, f"this implementation does not offer {ability}")


class ClientGone(ExchangeError):  # noqa: N818 - named for what happened
    """The client aborted: no more body comes and nothing can be sent."""


class MisusedExchange(ExchangeError):  # noqa: N818 - named for what happened
    """A handler called the exchange out of order."""
