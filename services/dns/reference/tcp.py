"""The TCP side (RFC 7766): messages with a length before them, pipelined, answered as they are ready."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.dns.reference.cache import AnswerCache
from services.dns.reference.exchange import Asker, Outcome, Request, Transport
from services.dns.reference.framing import framed, messages
from services.dns.reference.limits import Limits
from services.dns.reference.tcp_output import Output
from services.kit.journal import Journal

Quick = Callable[[bytes, AnswerCache], bytes | None]
Respond = Callable[[bytes, Asker], Outcome]
Forward = Callable[[Request, Callable[[bytes], None]], None]


@dataclass(frozen=True, slots=True)
class Duties:
    """What a connection works with.

    Attributes:
        cache: packed answers for connections.
        quick: answers what the cache has in another spelling, and what needs no judging.
        respond: judges one message.
        noted: told how many messages were taken.
        forward: asks an upstream and gives the answer to a function; None when nothing is forwarded.
    """

    cache: AnswerCache
    quick: Quick
    respond: Respond
    noted: Callable[[int], None]
    forward: Forward | None = None


class StreamProtocol(Output):
    """One connection. Answers go out in the order in which they are ready (RFC 7766 6.2.1.1)."""

    def __init__(self, duties: Duties, journal: Journal, limits: Limits, transport: Transport) -> None:
        super().__init__(journal, limits, transport)
        self._duties = duties
        self._unread = b""
        self._reading = True
        self._flow: Iterator[bytes] | None = None

    def data_received(self, data: bytes) -> None:
        """Answer every whole message."""
        self.connection.bytes_in += len(data)
        self._unread = self._unread + data if self._unread else data
        self.serve()

    def serve(self) -> None:
        """Answer what was read, as far as there is room, and read on if there is more."""
        if self._flow is not None:
            self._pump()
        if self._answer_all():
            self.heard()
        self.flush()
        self.throttle()
        if self.ended and not self.waiting and self._flow is None:
            self.transport.close()

    def _answer_all(self) -> bool:
        """Answer the whole messages that were read, as far as there is room; tell whether there was one."""
        octets, taken = self._unread, 0
        while taken < len(octets) and self._has_room() and (whole := messages(octets, taken)):
            taken = self._answer_some(octets, taken, whole)
        self._unread = octets[taken:]
        return taken > 0

    def _answer_some(self, octets: bytes, start: int, whole: Sequence[bytes]) -> int:
        """Answer the messages `whole`, which begin at `start`; return where those end that were taken."""
        rests = self._duties.cache.spelled(whole)
        if None not in rests:
            end = start + sum(map(len, whole)) + 2 * len(whole)
            answers = [message[:2] + rest for message, rest in zip(whole, rests, strict=True) if rest]
            self.put(octets[start:end], answers)
            self._duties.noted(len(whole))
            return end
        for message in whole:
            start += 2 + len(message)
            self._duties.noted(1)
            answer = self._duties.quick(message, self._duties.cache)
            if answer is not None:
                self.put(framed(message), [answer])
            else:
                self._judge(message)
                if not self._has_room():
                    break
        return start

    def _has_room(self) -> bool:
        return self.writable and self._flow is None and self.waiting < self.limits.pipeline

    def _pump(self) -> None:
        """Send on from a long answer, as fast as the asker takes it."""
        while self.writable and self._flow is not None:
            message = next(self._flow, None)
            if message is None:
                self._flow = None
            else:
                self.send(message)

    def throttle(self) -> None:
        """Read no further while answers wait; what has been read stays bounded that way."""
        if self.transport.is_closing():
            return
        room = self._has_room()
        if room != self._reading:
            self._reading = room
            (self.transport.resume_reading if room else self.transport.pause_reading)()

    def _judge(self, message: bytes) -> None:
        """Do what becomes of a message that takes judging."""
        self.note("query", message)
        outcome = self._duties.respond(message, self.asker)
        self._duties.cache.keep(message, outcome)
        for delivery in outcome.deliveries:
            if delivery.delay:
                self.waiting += 1
                self.loop.call_later(delivery.delay, self._late, delivery.wire)
            else:
                self.send(delivery.wire)
        if outcome.forward is not None and self._duties.forward is not None:
            self.waiting += 1
            self._duties.forward(outcome.forward, self._late)
        self._flow = outcome.stream
        self._pump()

    def _late(self, wire: bytes) -> None:
        self.waiting -= 1
        self.send(wire)
        self.serve()
