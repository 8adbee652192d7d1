"""What HTTP/2 alone can do for a handler: act on the session, and turn a stream into a tunnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from services.http.app.abilities import Session, Tunnel
from services.http.app.errors import Refused
from services.http.app.message import Fields
from services.http.reference.h2 import ActionRefused, H2Error
from services.http.reference.h2.compression import encode
from services.http.reference.h2.headers import request_head
from services.http.reference.h2.priority import DEFAULT_WEIGHT
from services.http.reference.http2_events import named

if TYPE_CHECKING:
    from services.http.reference.http2 import Http2
    from services.http.reference.http2_exchange import Http2Exchange


class Http2Tunnel(Tunnel):
    """A CONNECT stream, plain (RFC 9113 8.5) or extended (RFC 8441)."""

    def __init__(self, exchange: Http2Exchange) -> None:
        self._exchange = exchange

    @property
    def offers(self) -> tuple[str, ...]:
        """As Tunnel.offers: the `:protocol` of an extended CONNECT."""
        protocol = self._exchange.request.protocol
        return (protocol.lower(),) if protocol else ()

    async def open(self, protocol: str | None, fields: Fields = ()) -> None:
        """As Tunnel.open: 200 in either case."""
        exchange = self._exchange
        data = {"protocol": protocol} if protocol else None
        exchange.server.journal.emit(
            "upgrade" if protocol else "connect", exchange.connection, exchange.stream, data
        )
        await exchange.start(200, fields)


class Http2Session(Session):
    """The session of an exchange."""

    def __init__(self, session: Http2, stream: int) -> None:
        self._session, self._stream = session, stream

    @property
    def facts(self) -> Mapping[str, object]:
        """See Session. Windows are bytes, as Node's `session.state` names them."""
        session, core = self._session, self._session.core
        signals = session.dependencies
        own = signals.get(self._stream)
        return {
            **{key: session.connection.facts.get(key) for key in ("alpnProtocol", "encrypted")},
            "localSettings": named(tuple(core.local.items())),
            "remoteSettings": named(tuple(core.remote.items())),
            "pendingSettingsAck": core.settings_pending,
            "localWindowSize": core.inflow,
            "remoteWindowSize": core.send_window,
            "streams": sorted(core.streams),
            "lastStreamId": core.last_peer_id,
            "streamId": self._stream,
            "streamWindowSize": core.stream(self._stream).send_window,
            "weight": own.weight if own else DEFAULT_WEIGHT,
            "dependsOn": own.depends_on if own else 0,
            "sumDependencyWeight": sum(s.weight for s in signals.values() if s.depends_on == self._stream),
            "urgency": core.stream(self._stream).urgency,
            "incremental": core.stream(self._stream).incremental,
        }

    async def ping(self) -> float:
        """See Session."""
        return await self._session.ping()

    async def change_settings(self, changes: Mapping[int, int]) -> None:
        """See Session."""
        try:
            await self._session.change_settings(dict(changes))
        except H2Error as error:
            raise Refused(400, str(error)) from error

    def set_window(self, size: int) -> None:
        """See Session."""
        self._session.core.set_session_window(size)
        self._session.flush_soon()

    def goaway(self, code: int, last_stream: int | None, debug: bytes) -> None:
        """See Session."""
        try:
            self._session.core.goaway(code, last_stream, debug)
        except ActionRefused as error:
            raise Refused(409, str(error)) from error
        self._session.flush_soon()

    def close(self) -> None:
        """See Session."""
        self._session.retire()

    def altsvc(self, value: bytes, origin: bytes) -> None:
        """See Session."""
        self._session.core.altsvc(value, origin, 0 if origin else self._stream)
        self._note("altsvc", {"value": value.decode(), "origin": origin.decode()})

    def origin(self, origins: Sequence[bytes]) -> None:
        """See Session."""
        self._session.core.origin(list(origins))
        self._note("origin", {"origins": [origin.decode() for origin in origins]})

    def push(self, path: str) -> int:
        """See Session."""
        request = self._session.core.stream(self._stream).head
        section = (
            (b":method", b"GET"),
            (b":scheme", request.scheme),
            (b":authority", request.authority),
            (b":path", path.encode()),
        )
        head = request_head(section, extended_connect=False)
        try:
            promised = self._session.core.push(self._stream, encode(section), head)
        except ActionRefused as error:
            raise Refused(409, str(error)) from error
        self._note("push", {"promised": promised, "path": path})
        self._session.promised(promised, head)
        return promised

    def watch_frames(self, wanted: bool) -> None:
        """See Session."""
        self._session.core.trace = wanted

    def _note(self, event: str, data: Mapping[str, object]) -> None:
        self._session.site.journal.emit(event, self._session.connection, self._stream, data)
        self._session.flush_soon()
