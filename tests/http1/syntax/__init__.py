"""HTTP/1.1 syntax, case by case: what is sent, and how a strict server answers it.

The one table behind the tests in test_syntax.py and the page docs/http1-syntax.md, which
`python -m tests.http1.page` writes. Each case is sent whole, cut in pieces and byte by byte, and the answer
has to be the same. A request is sent behind each: behind a refused one it must not be answered, behind an
accepted one it must.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.http1.syntax.case import NEXT, Case, Topic
from tests.http1.syntax.chunks import CHUNKS
from tests.http1.syntax.fields import FIELDS
from tests.http1.syntax.framing import FRAMING
from tests.http1.syntax.hosts import HOSTS
from tests.http1.syntax.request_line import REQUEST_LINE

__all__ = ["NEXT", "TOPICS", "Case", "Topic", "cases"]

TOPICS = (REQUEST_LINE, HOSTS, FIELDS, FRAMING, CHUNKS)


def cases() -> Iterator[tuple[Topic, Case]]:
    """Every case with its topic."""
    for topic in TOPICS:
        for case in topic.cases:
            yield topic, case
