"""The TCP side (RFC 7766): messages with a length before them, pipelined, answered as they are ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from services.dns.reference.cache import AnswerCache
from services.dns.reference.exchange import Asker, Outcome, Request, Transport
from services.dns.reference.framing import framed, messages
from services.dns.reference.limits import Limits
from services.kit.journal import Connection, Journal
from services.kit.names import ends

Quick = Callable[[bytes, AnswerCache], bytes | None]
Respond = Callable[[bytes, Asker], Outcome]
Forward = Callable[[Request, Callable[[bytes], None]], None]
HIGH_WATER = 1 << 20
TOGETHER = 1 << 16  # octets of answers that wait for one another


@dataclass(frozen=True, slots=True)
class Duties:
    """What a connection works with.

    Attributes:
        cache: packed answers for connections.
        quick: answers what the cache has in another spelling, and what needs no judging.
        respond: judges one message.
        forward: asks an upstream and gives the answer to a function; None when nothing is forwarded.
    """

    cache: AnswerCache
    quick: Quick
    respond: Respond
    forward: Forward | None = None


class StreamProtocol(asyncio.Protocol):
    """One connection. Answers go out in the order in which they are ready (RFC 7766 6.2.1.1).

    Silence is measured from whole message to whole message, so that half a query cannot hold a place.
    """

    def __init__(self, duties: Duties, journal: Journal, limits: Limits, transport: Transport) -> None:
        self._duties = duties
        self._journal = journal
        self._limits = limits
        self._kind = transport
        self._loop = asyncio.get_running_loop()
        self._unread = b""
        self._outbox: list[bytes] = []
        self._outgoing = 0
        self._waiting = 0
        self._ended = False
        self._writable = True
        self._reading = True
        self._heard = self._loop.time()
        self._flow: Iterator[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start to read, and to count silence."""
        self._transport = stream = cast("asyncio.Transport", transport)
        stream.set_write_buffer_limits(high=HIGH_WATER)
        peer, local = ends(transport)
        self._asker = Asker(str(peer[0]).partition("%")[0], peer[1], self._kind)
        known: Connection | None = transport.get_extra_info("connection")
        self.connection = known or self._journal.open(peer, local)
        self.connection.facts["transport"] = self._kind.value
        self._limits.admit(self)
        self._silence = self._loop.call_later(self._limits.idle, self._expire)

    def data_received(self, data: bytes) -> None:
        """Answer every whole message."""
        self.connection.bytes_in += len(data)
        self._unread = self._unread + data if self._unread else data
        self._serve()

    def _serve(self) -> None:
        if self._flow is not None:
            self._pump()
        if self._answer_all():
            self._limits.touched(self)
            self._heard = self._loop.time()
        self._flush()
        self._throttle()
        if self._ended and not self._waiting and self._flow is None:
            self._transport.close()

    def _answer_all(self) -> bool:
        """Answer the whole messages that were read, as far as there is room; tell whether there was one."""
        octets, taken = self._unread, 0
        while taken < len(octets) and self._has_room() and (whole := messages(octets, taken)):
            taken += self._answer_some(whole)
        self._unread = octets[taken:]
        return taken > 0

    def _answer_some(self, whole: list[bytes]) -> int:
        """Answer these messages, as far as there is room; return the octets that they took."""
        taken = 0
        queries: list[bytes] = []
        answers: list[bytes] = []
        cache, quick = self._duties.cache, self._duties.quick
        for message, rest in zip(whole, cache.spelled(whole), strict=True):
            answer = message[:2] + rest if rest else quick(message, cache)
            taken += 2 + len(message)
            if answer is not None:
                queries.append(message)
                answers.append(answer)
                continue
            self._put(queries, answers)
            queries, answers = [], []
            self._judge(message)
            if not self._has_room():
                break
        self._put(queries, answers)
        return taken

    def _put(self, queries: list[bytes], answers: list[bytes]) -> None:
        """Note queries that needed no judging with their answers, and put those to what goes out."""
        if not queries or self._transport.is_closing():
            return
        here = [self.connection] * len(queries)
        self._journal.emit_batch("query", here, queries)
        octets = b"".join(map(framed, answers))
        self._outbox.append(octets)
        self._outgoing += len(octets)
        self._journal.emit_batch("answer", here, answers)
        if self._outgoing > TOGETHER:
            self._flush()

    def _has_room(self) -> bool:
        return self._writable and self._flow is None and self._waiting < self._limits.pipeline

    def _pump(self) -> None:
        """Send on from a long answer, as fast as the asker takes it."""
        while self._writable and self._flow is not None:
            message = next(self._flow, None)
            if message is None:
                self._flow = None
            else:
                self._send(message)

    def _throttle(self) -> None:
        """Read no further while answers wait; what has been read stays bounded that way."""
        if self._transport.is_closing():
            return
        room = self._has_room()
        if room != self._reading:
            self._reading = room
            (self._transport.resume_reading if room else self._transport.pause_reading)()

    def _judge(self, message: bytes) -> None:
        """Do what becomes of a message that takes judging."""
        self._journal.emit("query", self.connection, None, message)
        outcome = self._duties.respond(message, self._asker)
        self._duties.cache.keep(message, outcome)
        for delivery in outcome.deliveries:
            if delivery.delay:
                self._waiting += 1
                self._loop.call_later(delivery.delay, self._late, delivery.wire)
            else:
                self._send(delivery.wire)
        if outcome.forward is not None and self._duties.forward is not None:
            self._waiting += 1
            self._duties.forward(outcome.forward, self._late)
        self._flow = outcome.stream
        self._pump()

    def _late(self, wire: bytes) -> None:
        self._waiting -= 1
        self._send(wire)
        self._serve()

    def _send(self, wire: bytes) -> None:
        """Put an answer to those that go out together; what is large goes at once."""
        if self._transport.is_closing():
            return
        self._outbox.append(framed(wire))
        self._outgoing += 2 + len(wire)
        self._journal.emit("answer", self.connection, None, wire)
        if self._outgoing > TOGETHER:
            self._flush()

    def _flush(self) -> None:
        if self._outbox and not self._transport.is_closing():
            octets = b"".join(self._outbox)
            self.connection.bytes_out += len(octets)
            self._transport.write(octets)
        self._outbox, self._outgoing = [], 0

    def eof_received(self) -> bool:
        """Answer what is under way before closing (the asker has shut only its own side)."""
        self._ended = True
        self._journal.emit("end", self.connection)
        self._serve()
        return True

    def pause_writing(self) -> None:
        """Stop answering a reader that does not read."""
        self._writable = False
        self._throttle()

    def resume_writing(self) -> None:
        """Go on."""
        self._writable = True
        self._heard = self._loop.time()
        self._serve()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the connection out."""
        self._silence.cancel()
        self._limits.release(self)
        if exc is not None:
            self._journal.emit("error", self.connection, None, {"error": str(exc)})
        self._journal.close(self.connection)

    def abandon(self, reason: str) -> None:
        """Close now, for the service's own reasons."""
        self._limits.release(self)
        self._journal.emit("timeout", self.connection, None, {"reason": reason})
        if self._transport.get_write_buffer_size():
            self._transport.abort()
        else:
            self._transport.close()

    def finish(self) -> None:
        """Take no more queries; close as soon as nothing waits."""
        self._ended = True
        self._serve()

    def _expire(self) -> None:
        left = self._heard + self._limits.idle - self._loop.time()
        if left <= 0 and not self._waiting:
            self.abandon(f"silent for {self._limits.idle:g} s")
        else:
            self._silence = self._loop.call_later(left if left > 0 else self._limits.idle, self._expire)
