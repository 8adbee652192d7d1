"""Writes docs/http1-syntax.md from the table in syntax/: `python -m tests.http1.page`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.http1.syntax import TOPICS, Case
from tests.http1.syntax.case import ACCEPTED

PAGE = Path(__file__).parents[2] / "docs" / "http1-syntax.md"
_SHOWN = 150
_HEAD = """\
# HTTP/1.1 syntax, case by case

<!-- Generated from tests/http1/syntax by `python -m tests.http1.page`; a test holds it current. -->

What a server of the yard makes of each request, by the clause that says so. Each is sent whole, cut in pieces
and byte by byte. Behind each stands a second request: where the answer is *served*, that one is answered too;
where it is an error, the connection closes and the second request is never read.
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "\n".join("\n".join(_topic(topic.title, topic.cases)) for topic in TOPICS)


def _topic(title: str, cases: tuple[Case, ...]) -> Iterator[str]:
    yield f"\n## {title}\n"
    yield "| case | sent | answer | clause |"
    yield "|---|---|---|---|"
    for case in cases:
        number, section = case.rfc
        yield f"| {case.name} | {_shown(case.sent)} | {_answer(case)} | RFC {number} {section} |"
    yield ""


def _answer(case: Case) -> str:
    if case.answer == ACCEPTED:
        return "served"
    statuses = case.answer if isinstance(case.answer, tuple) else (case.answer,)
    return " or ".join(map(str, statuses))


def _shown(data: bytes) -> str:
    """Octets as a table's cell can hold them: `␍␊` for CRLF, escapes for what cannot be seen."""
    text = data.decode("utf-8", "backslashreplace") if len(data) <= _SHOWN * 2 else _cut(data)
    text = text.replace("\r\n", "␍␊").replace("\r", "␍").replace("\n", "␊").replace("\t", "␉")
    text = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
    return f"`` {text.replace('|', chr(92) + '|')} ``"


def _cut(data: bytes) -> str:
    left_out = len(data) - _SHOWN
    return f"{data[:_SHOWN].decode('utf-8', 'backslashreplace')} … {left_out} more octets"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
