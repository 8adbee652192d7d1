"""The errors of the DNS service.

DNSServiceError
├── NameSyntaxError     a domain name that cannot be written in wire form
├── RecordError         rdata that its type does not allow
├── ZoneError           a zone file or zone that is refused, with file and line
├── MessageError        a query that cannot be answered as asked, with the RCODE it earns
└── ForwardError        an upstream that gave no usable answer
"""

from __future__ import annotations


class DNSServiceError(Exception):
    """Root of every error that this package raises on purpose."""


class NameSyntaxError(DNSServiceError):
    """A domain name that breaks RFC 1035 3.1 (empty label, label over 63, name over 255 octets)."""


class RecordError(DNSServiceError):
    """Record data that its type does not allow; the message names the field."""


class ZoneError(DNSServiceError):
    """A zone that is refused.

    Attributes:
        where: `file:line` of the first offence, or the apex when no line is to blame.
        reason: what is wrong, in a few words.
    """

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class MessageError(DNSServiceError):
    """A query that is answered with an error RCODE.

    Attributes:
        rcode: the (extended) RCODE that the query earns.
        reason: the rule that it broke, for the journal and for extended errors (RFC 8914).
    """

    def __init__(self, rcode: int, reason: str) -> None:
        super().__init__(reason)
        self.rcode = rcode
        self.reason = reason


class ForwardError(DNSServiceError):
    """No upstream gave a usable answer in time."""
