"""Bytes that no client would send, and all that came back: what tests of a server's strictness need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import h11

from clients.http1.errors import ConnectionClosedError, TimedOutError
from clients.http1.origin import Origin
from clients.http1.reply import Interim, Reply
from clients.http1.wire import Wire
from clients.trace import Trace

SETTLE = 0.05
"""Seconds in which a server would say more, once all replies are here and none says `close`."""


@dataclass(frozen=True, slots=True)
class RawReply:
    """All that came. `replies` are the final responses in it, `error` why the rest is none.

    `connection_closed` tells that the server ended the connection, `reset` that it did so by RST.
    """

    data: bytes
    replies: tuple[Reply, ...]
    interims: tuple[Interim, ...]
    connection_closed: bool
    reset: bool
    error: str | None
    local: tuple[str, int] | None

    @property
    def reply(self) -> Reply:
        """The first final response. Raises LookupError when there is none."""
        if not self.replies:
            raise LookupError(f"no response came: {self.data!r} {self.error or ''}")
        return self.replies[0]

    @property
    def status(self) -> int:
        """The status of the first final response."""
        return self.reply.status

    @property
    def statuses(self) -> tuple[int, ...]:
        """The status of each final response."""
        return tuple(reply.status for reply in self.replies)


async def send_raw(
    origin: Origin,
    data: bytes | Sequence[bytes],
    *,
    methods: Sequence[str] = ("GET",),
    half_close: bool = False,
    within: float = 5.0,
    trace: Trace | None = None,
) -> RawReply:
    """Sends `data`, each member of a sequence as a segment of its own, and reads what comes.

    `methods` tells for each expected response which method it answers (a HEAD has no content); reading goes
    on until they all are here and the server has closed or says no more. Raises ConnectError, and
    TimedOutError when a response is missing after `within` seconds.
    """
    async with Wire(origin, within=within, trace=trace) as wire:
        for segment in (data,) if isinstance(data, bytes) else data:
            await wire.write(segment)
        if half_close:
            wire.write_eof()
        reading = _Reading(list(methods))
        await reading.run(wire)
        return RawReply(
            bytes(reading.data),
            tuple(reading.replies),
            tuple(reading.interims),
            reading.closed or reading.reset,
            reading.reset,
            reading.error,
            wire.local,
        )


@dataclass(slots=True)
class _Reading:
    methods: list[str]
    data: bytearray = field(default_factory=bytearray)
    replies: list[Reply] = field(default_factory=list)
    interims: list[Interim] = field(default_factory=list)
    closed: bool = False
    reset: bool = False
    error: str | None = None

    async def run(self, wire: Wire) -> None:
        """Reads until nothing more is to be expected."""
        while not (self.closed or self.reset):
            settled = self._settled()
            within, wire.within = wire.within, SETTLE if settled else wire.within
            try:
                await self._read(wire)
            except TimedOutError:
                if not settled:
                    raise
                return
            finally:
                wire.within = within

    def _settled(self) -> bool:
        """Whether all that was asked for is here, and no `Connection: close` promises an end."""
        whole = self.error is not None or len(self.replies) >= len(self.methods)
        return whole and not (self.replies and not self.replies[-1].persistent)

    async def _read(self, wire: Wire) -> None:
        try:
            data = await wire.read()
        except ConnectionClosedError:
            self.reset = True
        else:
            self.closed = not data
            self.data += data
        self._parse()

    def _parse(self) -> None:
        """All of `data` again, from its beginning: it is short, and this has no state to get wrong."""
        self.replies, self.interims, self.error = [], [], None
        rest = bytes(self.data)
        ended = self.closed or self.reset
        while rest:
            method = self.methods[min(len(self.replies), len(self.methods) - 1)]
            one = _One(method, rest, ended=ended)
            self.interims += one.interims
            self.error = one.error
            if one.reply is None:
                return
            self.replies.append(one.reply)
            rest = one.rest


class _One:
    """One final response at the beginning of `data`, with the interim ones before it."""

    def __init__(self, method: str, data: bytes, *, ended: bool) -> None:
        self.interims: list[Interim] = []
        self.reply: Reply | None = None
        self.error: str | None = None
        self.rest = b""
        self._body = b""
        self._head: h11.Response | None = None
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=2**24)
        self._ask(method)
        self._h11.receive_data(data)
        if ended:
            self._h11.receive_data(b"")
        try:
            while self._take(self._h11.next_event()):
                pass
        except h11.RemoteProtocolError as error:
            self.error = str(error)

    def _ask(self, method: str) -> None:
        target = "h:1" if method == "CONNECT" else "/"
        self._h11.send(h11.Request(method=method, target=target, headers=[("host", "h")]))
        self._h11.send(h11.EndOfMessage())

    def _take(self, event: object) -> bool:
        if isinstance(event, h11.InformationalResponse):
            fields = tuple(event.headers.raw_items())
            self.interims.append(Interim(event.status_code, event.reason.decode("latin-1"), fields))
            return True
        if isinstance(event, h11.Response):
            self._head = event
            return True
        if isinstance(event, h11.Data):
            self._body += event.data
            return True
        if isinstance(event, h11.EndOfMessage) and self._head is not None:
            self._end(self._head, event)
        return False

    def _end(self, head: h11.Response, end: h11.EndOfMessage) -> None:
        self.rest = bytes(self._h11.trailing_data[0])
        reason, version = head.reason.decode("latin-1"), head.http_version.decode("ascii")
        persistent = self._h11.their_state is h11.DONE
        fields, trailers = tuple(head.headers.raw_items()), tuple(end.headers.raw_items())
        self.reply = Reply(
            head.status_code, reason, version, fields, self._body, trailers, persistent=persistent
        )
