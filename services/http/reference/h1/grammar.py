"""Which octets may stand where in a request's head (RFC 9112 2 to 5), and what is wrong when they do not.

`HEAD` is the whole grammar, as one expression: what it does not match is refused. Only then does the table
`FAULTS` say which rule was broken. `ILLEGAL` finds, in a head that is not whole yet, what no later octet
can make right, so that a client is answered at once and not when its time is over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.http.reference.h1.errors import BadMessage
from services.http.reference.h1.limits import Limits

# RFC 9110 5.6.2: token = 1*tchar
TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
# RFC 9110 5.5: field-content of VCHAR, SP, HTAB and obs-text; never CR, LF, NUL or another control.
VALUE = rb"[\t\x20-\x7e\x80-\xff]*"
# RFC 9112 3: method SP request-target SP HTTP-version CRLF
LINE = rb"(%s) ([\x21-\x7e\x80-\xff]+) HTTP/([0-9])\.([0-9])\r\n" % TOKEN
# RFC 9112 5: *( field-name ":" OWS field-value OWS CRLF ) CRLF
SECTION = rb"((?:%s:%s\r\n)*)\r\n" % (TOKEN, VALUE)

HEAD = re.compile(LINE + SECTION)
FIELDS = re.compile(SECTION)
IS_TOKEN = re.compile(TOKEN).fullmatch
IS_VALUE = re.compile(VALUE).fullmatch


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: the octets that break it, and how it is answered."""

    clause: str
    words: str
    pattern: re.Pattern[bytes]


def _fault(clause: str, words: str, pattern: bytes) -> Fault:
    return Fault(clause, words, re.compile(pattern))


OCTETS = (
    _fault("RFC 9112 2.2", "a bare LF ends a line", rb"(?<!\r)\n"),
    _fault("RFC 9112 2.2", "a bare CR stands in the head", rb"\r(?=[^\n])"),
    _fault("RFC 9110 5.5", "a NUL stands in the head", rb"\x00"),
    _fault("RFC 9110 5.5", "a control character stands in the head", rb"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]"),
)
ILLEGAL = re.compile(b"|".join(fault.pattern.pattern for fault in OCTETS))

FAULTS = (
    _fault("RFC 9112 3", "the request line begins with white space", rb"\A[ \t]"),
    _fault("RFC 9112 2.3", "the request line names no HTTP version", rb"\A[^\r]*(?<! HTTP/[0-9]\.[0-9])\r"),
    _fault(
        "RFC 9112 3", "the request line is not three parts with one space between", rb"\A(?!\S+ \S+ \S+\r)"
    ),
    _fault("RFC 9110 9.1", "the method is not a token", rb"\A(?!%s )" % TOKEN),
    _fault("RFC 9112 2.2", "white space stands before the first field", rb"\A[^\r]*\r\n[ \t]"),
    _fault("RFC 9112 5.2", "a field is folded over two lines", rb"\r\n[ \t]"),
    _fault("RFC 9112 5.1", "white space stands before a colon", rb"\r\n%s[ \t]+:" % TOKEN),
    _fault("RFC 9112 5", "a field line has no colon", rb"\r\n[^:\r]+\r"),
    _fault("RFC 9110 5.1", "a field name is empty", rb"\r\n:"),
    _fault("RFC 9110 5.1", "a field name is not a token", rb"\r\n(?!%s:)[^\r]" % TOKEN),
)


def diagnose(head: bytes) -> BadMessage:
    """The rule that `head`, which `HEAD` does not match, breaks."""
    illegal = ILLEGAL.search(head)
    if illegal:
        return _octet(head, illegal.start())
    for fault in FAULTS:
        if fault.pattern.search(head):
            return BadMessage(400, fault.words, fault.clause)
    return BadMessage(400, "the head is malformed", "RFC 9112 2.1")


def _octet(data: bytes, place: int) -> BadMessage:
    fault = next(fault for fault in OCTETS if fault.pattern.match(data, place))
    return BadMessage(400, fault.words, fault.clause)


def scan(data: bytes, start: int, limits: Limits) -> None:
    """Raises BadMessage for the first octet, from `start`, that no head can hold or that is one too many.

    Which fault is found depends on its place in the stream alone and not on how much of it is there.
    """
    found = ILLEGAL.search(data, start)
    place = found.start() if found else len(data)
    if place > limits.line and not 0 <= data.find(b"\r\n", 0, limits.line + 2) <= limits.line:
        raise BadMessage(414, f"the request line is longer than {limits.line} bytes", "RFC 9112 3")
    if place > limits.head:
        raise BadMessage(431, f"the head is longer than {limits.head} bytes", "RFC 6585 5")
    if found:
        raise _octet(data, place)
