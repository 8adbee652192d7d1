"""Writes docs/http2-cases.md from the table in cases/: `python -m tests.http2.page`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.http2.cases import TOPICS, Topic

PAGE = Path(__file__).parents[2] / "docs" / "http2-cases.md"
_HEAD = """\
# HTTP/2, case by case

<!-- Generated from tests/http2/cases by `python -m tests.http2.page`; a test holds it current. -->

What a server of the yard makes of each sequence of frames, by the clause that says so. Each follows a good
preface, and a PING comes last: where the session goes on, it is answered.
"""


def page() -> str:
    """The whole page."""
    return _HEAD + "\n".join("\n".join(_topic(topic)) for topic in TOPICS)


def _topic(topic: Topic) -> Iterator[str]:
    yield f"\n## {topic.title}\n"
    yield "| case | clause | rule | what comes of it |"
    yield "|---|---|---|---|"
    for case in topic.cases:
        number, section = case.rfc
        yield f"| {case.name} | RFC {number} {section} | {case.rule} | {case.expected} |"
    yield ""


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
