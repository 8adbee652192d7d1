"""The UDP side: one socket an address family, drained by the loop's reader."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass

from services.dns.reference.cache import AnswerCache
from services.dns.reference.datagrams import Datagrams
from services.dns.reference.exchange import Asker, Delivery, Outcome, Request, Transport
from services.dns.reference.facts import noted
from services.dns.reference.rrl import RateLimiter, Verdict, slipped
from services.kit.mmsg import address_of
from services.kit.names import Address

DRAIN = 64  # datagrams a wake-up, so that other work of the loop gets its turn
LONGEST_QUERY = 4_096  # a longer one is cut off, and so malformed
RECEIVE_BUFFER = 4 << 20
MOST_LATE = 4_096  # answers that wait for their moment
_GONE = {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EPERM, errno.EMSGSIZE, errno.EINVAL}

Quick = Callable[[bytes, AnswerCache], bytes | None]
Respond = Callable[[bytes, Asker], Outcome]
Forward = Callable[[Request, Callable[[bytes], None]], None]
Batch = Callable[[list[bytes], list[bytes], list[bytes]], None]


@dataclass(frozen=True, slots=True)
class Duties:
    """What a listener works with.

    Attributes:
        cache: packed answers.
        quick: answers what the cache has in another spelling, and what needs no judging.
        respond: judges one datagram.
        noted: told of each drained batch (queries, answers, sockaddrs; an empty answer is none), and
            of each late answer alone.
        limiter: holds answers back that are too many, or None.
        forward: asks an upstream and gives the answer to a function, or None.
    """

    cache: AnswerCache
    quick: Quick
    respond: Respond
    noted: Batch
    limiter: RateLimiter | None = None
    forward: Forward | None = None


class UDPListener:
    """Answers on one bound, non-blocking UDP socket."""

    def __init__(self, sock: socket.socket, duties: Duties) -> None:
        self._sock = sock
        self._datagrams = Datagrams(sock, DRAIN, LONGEST_QUERY)
        self._cache, self._quick, self._respond = duties.cache, duties.quick, duties.respond
        self._noted, self._limiter = duties.noted, duties.limiter
        self._forward = duties.forward
        self._loop = asyncio.get_running_loop()
        self._late = 0

    def start(self) -> None:
        """Begin to read, with as much room for bursts as the kernel grants."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._loop.add_reader(self._sock.fileno(), self._drain)

    def close(self) -> None:
        """Stop, and close the socket; a second time does nothing."""
        if self._sock.fileno() < 0:
            return
        self._loop.remove_reader(self._sock.fileno())
        self._sock.close()

    def _drain(self) -> None:
        queries, sources = self._datagrams.receive()
        if not queries:
            return
        rests = self._cache.spelled(queries)
        if self._limiter is None and None not in rests:
            answers = [data[:2] + rest for data, rest in zip(queries, rests, strict=True) if rest]
        else:
            answers = list(map(self._answer, queries, rests, sources))
            queries = list(map(noted, queries))
        if all(answers):
            for error in self._datagrams.send(answers):
                self._unsent(error)
        else:
            for answer, source in zip(answers, sources, strict=True):
                if answer:
                    self._deliver(Delivery(answer), address_of(source))
        self._noted(queries, answers, sources)

    def _answer(self, data: bytes, rest: bytes | None, source: bytes) -> bytes:
        """Answer one datagram, whose answer behind the ID may be known; empty for what is not sent now."""
        answer = data[:2] + rest if rest else self._quick(data, self._cache)
        if answer is None:
            return self._miss(data, source)
        return answer if self._limiter is None else self._limit(answer, address_of(source)[0])

    def _miss(self, data: bytes, source: bytes) -> bytes:
        """Judge a datagram that no kept answer fits; return what to send at once."""
        address = address_of(source)
        outcome = self._respond(data, Asker(address[0], address[1], Transport.UDP))
        self._cache.keep(data, outcome)
        if outcome.forward is not None and self._forward is not None:
            self._forward(outcome.forward, lambda wire: self._answered(wire, source))
        at_once = b""
        for delivery in outcome.deliveries:
            if delivery.delay:
                self._postpone(delivery, address)
            elif delivery.other_port:
                self._deliver(delivery, address)
            else:
                if at_once:
                    self._deliver(Delivery(at_once), address)
                at_once = delivery.wire
        if self._limiter is not None and at_once and not outcome.trusted:
            return self._limit(at_once, address[0])
        return at_once

    def _limit(self, answer: bytes, host: str) -> bytes:
        """Return the answer, a truncated one, or nothing, as the rate allows."""
        assert self._limiter is not None  # noqa: S101 - asked for only then
        verdict = self._limiter.judge(host, answer, self._loop.time())
        if verdict is Verdict.SEND:
            return answer
        return slipped(answer) if verdict is Verdict.SLIP else b""

    def _postpone(self, delivery: Delivery, address: Address) -> None:
        """Send later; beyond a bound, an answer is lost as UDP answers may be."""
        if self._late < MOST_LATE:
            self._late += 1
            self._loop.call_later(delivery.delay, self._overdue, delivery, address)

    def _overdue(self, delivery: Delivery, address: Address) -> None:
        self._late -= 1
        self._deliver(delivery, address)

    def _answered(self, wire: bytes, source: bytes) -> None:
        """Send what an upstream said, when it has said it."""
        self._deliver(Delivery(wire), address_of(source))
        self._noted([], [noted(wire)], [source])

    def _deliver(self, delivery: Delivery, address: Address) -> None:
        try:
            if delivery.other_port:
                with socket.socket(self._sock.family, socket.SOCK_DGRAM) as other:
                    other.bind((self._sock.getsockname()[0], 0))
                    other.sendto(delivery.wire, address)
            elif self._sock.fileno() >= 0:
                self._sock.sendto(delivery.wire, address)
        except OSError as error:
            self._unsent(error)

    @staticmethod
    def _unsent(error: OSError) -> None:
        """An answer that the network refuses is lost, as UDP answers may be; a broken socket is not."""
        if error.errno not in _GONE and not isinstance(error, BlockingIOError):
            raise error
