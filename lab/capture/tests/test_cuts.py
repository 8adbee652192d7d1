"""The packets of a failed test are those between its marks, bounded; of others nothing is kept."""

from __future__ import annotations

import json

import pytest

from lab.capture import cuts, marks
from lab.capture.cuts import Cut, Cutter
from lab.capture.marks import Mark


def mark(what: str, test: str = "t") -> bytes:
    return b"link, IP, UDP " + b"wireyard test mark " + json.dumps({"what": what, "test": test}).encode()


def cut(*records: bytes) -> list[Cut]:
    cutter = Cutter()
    return [found for record in records for found in cutter.add(record)]


def test_a_failed_test_is_given_what_stands_between_its_marks() -> None:
    [found] = cut(b"before", mark("begin"), b"one", b"two", mark("failed"), b"after")
    assert (found.test, found.records) == ("t", mark("begin") + b"onetwo" + mark("failed"))


def test_a_passed_test_is_given_nothing() -> None:
    assert cut(mark("begin"), b"one", mark("passed"), b"two", mark("failed")) == []


def test_tests_at_the_same_time_share_what_they_cannot_tell_apart() -> None:
    found = cut(
        mark("begin", "a"), mark("begin", "b"), b"first", mark("failed", "a"), b"second", mark("failed", "b")
    )
    assert [(one.test, b"first" in one.records, b"second" in one.records) for one in found] == [
        ("a", True, False),
        ("b", True, True),
    ]


def test_the_first_packets_are_kept_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuts, "KEPT", len(mark("begin")) + 3)
    [found] = cut(mark("begin"), b"abc", b"d", mark("failed"))
    assert (found.records, found.left_out) == (mark("begin") + b"abc", 2)


def test_the_end_of_the_run_is_known() -> None:
    cutter = Cutter()
    assert not cutter.ended
    assert list(cutter.add(mark("end", ""))) == []
    assert cutter.ended


@pytest.mark.parametrize(
    "junk", [b"", b"wireyard test mark ", b"wireyard test mark {}", b"wireyard test mark 7"]
)
def test_what_only_looks_like_a_mark_is_none(junk: bytes) -> None:
    assert marks.found(junk) is None


def test_folders_are_plain_and_no_two_tests_share_one() -> None:
    names = [f"tests/http1/test_x.py::test_it[{case}]" for case in ("GET /", "GET ?", "x" * 300)]
    folders = [marks.folder(name) for name in names]
    assert len({*folders}) == len(names)
    assert all(name.replace("-", "").replace("_", "").replace(".", "").isalnum() for name in folders)
    assert max(map(len, folders)) < 100
    assert marks.found(b"?" + b"wireyard test mark " + b'{"what": "begin", "test": "x"}') == Mark(
        "begin", "x"
    )
