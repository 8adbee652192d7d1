"""Misbehaviour on purpose: what goes onto the wire."""

from __future__ import annotations

import pytest

from services.http.app.abilities import Wire
from services.http.app.flaws import CHUNKS, FIELDS, STATUS_LINES, Flaw
from services.http.app.tests.memory import MemoryExchange, ask


class MemoryWire(Wire):
    """Keeps what was done, in order."""

    def __init__(self) -> None:
        self.done: list[bytes | str] = []

    async def write(self, data: bytes) -> None:
        if data:
            self.done.append(data)

    def fin(self) -> None:
        self.done.append("FIN")

    def reset(self) -> None:
        self.done.append("RST")

    async def stall(self, seconds: float) -> None:
        self.done.append(f"stall {seconds:g}")


async def misbehave(target: str) -> list[bytes | str]:
    wire = MemoryWire()
    await ask("GET", target, abilities=(wire,))
    return wire.done


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\n"
DONE: list[tuple[str, list[bytes | str]]] = [
    ("/wire/empty", ["FIN"]),
    ("/wire/deaf", ["RST"]),
    ("/wire/close?after=0", ["FIN"]),
    ("/wire/close?after=10", [HEAD[:10], "FIN"]),
    ("/wire/reset?after=70", [(HEAD + b"*" * 100)[:70], "RST"]),
    ("/wire/stall?after=5&seconds=3", [HEAD[:5], "stall 3", "FIN"]),
    ("/wire/early", [HEAD + b"*" * 100, "FIN"]),
    ("/wire/interim/103?times=2", [b"HTTP/1.1 103 Interim\r\n\r\n" * 2 + HEAD + b"*" * 100, "FIN"]),
    ("/wire/length?said=9&sent=3", [HEAD.replace(b"100", b"9") + b"***", "FIN"]),
]


@pytest.mark.parametrize(("target", "done"), DONE)
async def test_what_is_done_to_the_wire(target: str, done: list[bytes | str]) -> None:
    assert await misbehave(target) == done


async def test_two_answers_to_one_request() -> None:
    written, end = await misbehave("/wire/two-answers")
    assert isinstance(written, bytes)
    assert (written.count(b"HTTP/1.1 200 OK"), end) == (2, "FIN")


@pytest.mark.parametrize("target", ["/wire/slow-head?seconds=0", "/wire/slow-body?seconds=0"])
async def test_what_comes_slowly_comes_whole(target: str) -> None:
    *pieces, end = await misbehave(target)
    assert b"".join(piece for piece in pieces if isinstance(piece, bytes)) == HEAD + b"*" * 100
    assert sum(len(piece) == 1 for piece in pieces) >= len(HEAD)
    assert end == "FIN"


async def test_a_stream_is_broken_off_with_some_content_sent() -> None:
    exchange: MemoryExchange = await ask("GET", "/wire/reset-stream?code=8")
    assert (exchange.body, exchange.done, exchange.aborted) == (b"*" * 50, False, True)


@pytest.mark.parametrize(
    ("part", "flaws"),
    [("status-line", STATUS_LINES), ("field", FIELDS), ("chunk", CHUNKS)],
    ids=lambda value: str(value)[:20],
)
async def test_every_flaw_is_sent_as_it_stands(part: str, flaws: dict[str, Flaw]) -> None:
    for name, flaw in flaws.items():
        assert await misbehave(f"/wire/{part}/{name}") == [flaw.data, "FIN"]


async def test_an_implementation_without_a_wire_says_so() -> None:
    assert (await ask("GET", "/wire/empty")).status == 501


async def test_bad_input_is_answered_before_anything_breaks() -> None:
    assert (await ask("GET", "/wire/close?after=x", abilities=(MemoryWire(),))).status == 400
