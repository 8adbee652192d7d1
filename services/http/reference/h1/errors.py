"""The one error tree of the HTTP/1.1 core.

H1Error
├── BadMessage     what the client sent is refused; the connection closes behind the answer
└── BadResponse    what a handler wants to send cannot be sent (a bug of ours)
"""

from __future__ import annotations


class H1Error(Exception):
    """What goes wrong between bytes and messages."""


class BadMessage(H1Error):  # noqa: N818 - named for what arrived
    """A message that is refused: answered `status`, because of `clause` of the RFC named in it."""

    def __init__(self, status: int, words: str, clause: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.clause = clause


class BadResponse(H1Error):  # noqa: N818 - named for what was asked for
    """A response that would not be a legal message."""
