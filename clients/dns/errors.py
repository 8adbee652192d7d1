"""The errors of the DNS client, under the codes of Node's `dns` module.

DNSError
├── AnswerError        the server answered, and the answer is a refusal or empty
│   ├── NoDataError             ENODATA    the name exists without this type
│   ├── FormatError        EFORMERR   the server found the query malformed
│   ├── ServerFailureError      ESERVFAIL  the server failed
│   ├── NotFoundError           ENOTFOUND  the name does not exist
│   ├── NotImplementedByServerError  ENOTIMP
│   └── QueryRefusedError       EREFUSED
├── BadNameError            EBADNAME     the name cannot be asked for
├── BadResponseError        EBADRESP     the answer cannot be read or fits no query
├── NoServerError  ECONNREFUSED no server listens there
├── TimedOutError           ETIMEOUT     no answer in time, after every try
└── CancelledError          ECANCELLED   the resolver was told to stop
"""

from __future__ import annotations

import dns.rcode


class DNSError(Exception):
    """Root of the tree. `code` is Node's; `name` is what was asked for."""

    code = "EDNS"

    def __init__(self, name: str, detail: str = "") -> None:
        super().__init__(f"{self.code} {name}" + (f": {detail}" if detail else ""))
        self.name = name
        self.detail = detail


class AnswerError(DNSError):
    """The server answered, and the answer is no data."""


class NoDataError(AnswerError):
    """NOERROR with an empty answer."""

    code = "ENODATA"


class FormatError(AnswerError):
    """FORMERR."""

    code = "EFORMERR"


class ServerFailureError(AnswerError):
    """SERVFAIL, or a code that has no name of its own here."""

    code = "ESERVFAIL"


class NotFoundError(AnswerError):
    """NXDOMAIN."""

    code = "ENOTFOUND"


class NotImplementedByServerError(AnswerError):
    """NOTIMP."""

    code = "ENOTIMP"


class QueryRefusedError(AnswerError):
    """REFUSED."""

    code = "EREFUSED"


class BadNameError(DNSError):
    """A name with an empty or over-long label, or longer than 255 octets."""

    code = "EBADNAME"


class BadResponseError(DNSError):
    """An answer that cannot be read."""

    code = "EBADRESP"


class NoServerError(DNSError):
    """There is no way to the server: nobody listens, or its certificate is not to be trusted."""

    code = "ECONNREFUSED"


class TimedOutError(DNSError):
    """No server answered in time."""

    code = "ETIMEOUT"


class CancelledError(DNSError):
    """`Resolver.cancel` was called."""

    code = "ECANCELLED"


BY_RCODE: dict[int, type[AnswerError]] = {
    dns.rcode.FORMERR: FormatError,
    dns.rcode.SERVFAIL: ServerFailureError,
    dns.rcode.NXDOMAIN: NotFoundError,
    dns.rcode.NOTIMP: NotImplementedByServerError,
    dns.rcode.REFUSED: QueryRefusedError,
}
