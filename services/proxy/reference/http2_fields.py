"""HTTP/2 requests and answers in the terms of HTTP/1.1 that the proxy shares (RFC 9113 8.3, 8.5). No I/O."""

from __future__ import annotations

from functools import lru_cache

from services.http.reference.h2.compression import encode
from services.http.reference.h2.headers import RequestHead
from services.proxy.reference import answers
from services.proxy.reference.head import Head


def as_head(head: RequestHead, name: str) -> Head:
    """An HTTP/2 request in the terms of HTTP/1.1; one that is not for the proxy itself has absolute-form."""
    if head.method == b"CONNECT":
        target = head.authority
    elif (head.authority.rpartition(b":")[0] or head.authority) in (b"", name.encode()):
        target = head.path
    else:
        target = head.scheme + b"://" + head.authority + head.path
    return Head(head.method.decode(), target.decode("latin-1"), (1, 1), head.fields)


@lru_cache(256)
def opened(proxy: str, next_hop: str, second: int) -> bytes:
    """The field block that opens a tunnel; the same for whoever is led to `next_hop` in this second."""
    return block(answers.established(proxy, next_hop), second)


def block(answer: answers.Answer, now: float) -> bytes:
    """The field block of `answer`."""
    fields = (answers.date(now), *answer.fields)
    named = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in fields)
    return encode(((b":status", str(answer.status).encode()), *named))
