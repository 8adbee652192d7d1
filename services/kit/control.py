"""The control port: an ASGI app, served by Hypercorn in the service's own loop.

GET /events          NDJSON; peer=ADDRESS:PORT, connection=, since=SEQ, event= (repeatable), wait=SECONDS,
                     limit= (the newest of them)
GET /events/stream   the same as server-sent events, paced; a `gap` event tells how many were left out
DELETE /events       forgets what is held
GET /connections     what is open now
GET /healthz         200 as long as the loop turns
GET /metrics         Prometheus text format
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from services.kit.journal import CAPACITY, Connection, Filter, Journal, Record, endpoint
from services.kit.metrics import JournalCollector

LONGEST_WAIT = 30.0
# What some readers of lines take for the end of one, and JSON may hold as it is: NEL, and Unicode's own two.
_SEPARATORS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}
STREAMS = 16
# One batch of server-sent events, and the pause after it: a reader sees 3,000 events a second, and costs
# the service three hundredths of a core. More than that nobody reads: it costs a hundredth at most.
BATCH, PACE, FLOOD_PACE = 150, 0.05, 0.5


class Control:
    """The app of one service: the kit's routes, and `routes` of the role's own."""

    def __init__(self, journal: Journal, routes: Sequence[BaseRoute] = ()) -> None:
        self._journal = journal
        self._stopping = asyncio.Event()
        self._streams = 0
        self._registry = CollectorRegistry()
        self._registry.register(JournalCollector(journal))
        own = [
            Route("/events", self._events, methods=["GET"]),
            Route("/events", self._forget, methods=["DELETE"]),
            Route("/events/stream", self._stream, methods=["GET"]),
            Route("/connections", self._connections, methods=["GET"]),
            Route("/healthz", self._healthz, methods=["GET"]),
            Route("/metrics", self._metrics, methods=["GET"]),
        ]
        self.app = Starlette(routes=[*own, *routes])

    def stop(self) -> None:
        """Ends every stream, so that the port can close."""
        self._stopping.set()

    async def _events(self, request: Request) -> Response:
        try:
            wanted, wait = _filter(request), _seconds(request.query_params.get("wait", "0"))
            limit = _limit(request.query_params.get("limit", str(CAPACITY)))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        found = await self._journal.wait(wanted, wait) if wait else self._journal.select(wanted, limit)
        body = "".join(self._line(record) + "\n" for record in found)
        headers = {"wireyard-last": str(self._journal.last), "wireyard-dropped": str(self._journal.dropped)}
        return Response(body, media_type="application/x-ndjson", headers=headers)

    async def _forget(self, _request: Request) -> Response:
        self._journal.clear()
        return Response(status_code=204)

    async def _stream(self, request: Request) -> Response:
        if self._streams >= STREAMS:
            return JSONResponse({"error": f"{STREAMS} readers already"}, status_code=503)
        try:
            wanted = _filter(request, request.headers.get("last-event-id", "0"))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return StreamingResponse(self._sent_events(wanted), media_type="text/event-stream")

    async def _sent_events(self, wanted: Filter) -> AsyncIterator[str]:
        self._streams += 1
        then = self._now()
        try:
            while not self._stopping.is_set():
                batch, wanted, count = self._batch(wanted)
                yield batch or ": still here\n\n"
                elapsed, then = self._now() - then, self._now()
                flood = count > max(elapsed / PACE, 1) * BATCH
                await self._pause(wanted.since, FLOOD_PACE if flood else PACE)
        finally:
            self._streams -= 1

    def _now(self) -> float:
        return time.monotonic()

    def _batch(self, wanted: Filter) -> tuple[str, Filter, int]:
        """The newest events since the last batch, what to ask for next, and how many there were."""
        last = self._journal.last
        found = self._journal.select(wanted, BATCH + 1)
        left_out = len(found) > BATCH and found[0][0] - wanted.since
        text = f"event: gap\ndata: {left_out}\n\n" if left_out else ""
        text += "".join(f"id: {r[0]}\ndata: {self._line(r)}\n\n" for r in found[-BATCH:])
        return (
            text,
            Filter(last, wanted.peer, wanted.connection, wanted.events),
            left_out + len(found[-BATCH:]),
        )

    async def _pause(self, since: int, seconds: float) -> None:
        """Until there is more than `since`; a busy service is not bothered with waking anybody."""
        await _either(self._stopping.wait(), seconds)
        if self._journal.last == since:
            with self._journal.watch() as pulse:
                await _either(_first(pulse, self._stopping), LONGEST_WAIT)

    async def _connections(self, _request: Request) -> Response:
        now = time.monotonic()
        return JSONResponse([_describe(c, now) for c in list(self._journal.connections.values())])

    async def _healthz(self, _request: Request) -> Response:
        return JSONResponse({"role": self._journal.role, "healthy": True})

    async def _metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    def _line(self, record: Record) -> str:
        text = _ENCODER.encode(self._journal.as_dict(record))
        return text if text.isascii() else text.translate(_SEPARATORS)


def _filter(request: Request, since: str = "0") -> Filter:
    query = request.query_params
    return Filter(
        since=_whole("since", query.get("since", since)),
        peer=query.get("peer"),
        connection=_whole("connection", query["connection"]) if "connection" in query else None,
        events=frozenset(query.getlist("event")) or None,
    )


def _whole(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError(f"{name}={text!r} is not a whole number")
    return int(text)


def _limit(text: str) -> int:
    if (limit := _whole("limit", text)) == 0:
        raise ValueError("limit=0 leaves nothing to show")
    return limit


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise ValueError(f"wait={text!r} is not a number of seconds") from None
    if not 0 <= seconds <= LONGEST_WAIT:
        raise ValueError(f"wait={text!r} is not between 0 and {LONGEST_WAIT:.0f} seconds")
    return seconds


def _describe(connection: Connection, now: float) -> dict[str, object]:
    return {
        "id": connection.id,
        "peer": endpoint(connection.peer),
        "local": endpoint(connection.local),
        "family": _family(connection),
        "age": round(now - connection.opened, 3),
        "bytesRead": connection.bytes_in,
        "bytesWritten": connection.bytes_out,
        "state": connection.state,
        **connection.facts,
    }


def _family(connection: Connection) -> str:
    if len(connection.local) < 2:
        return "Unix"
    return "IPv6" if ":" in str(connection.local[0]) else "IPv4"


def _printable(value: object) -> object:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_printable)


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def _either(waiting: Awaitable[object], seconds: float) -> bool:
    """Whether `waiting` came within `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            await waiting
    except TimeoutError:
        return False
    return True
