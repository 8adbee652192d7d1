"""An asyncio transport that speaks TLS over another transport, through OpenSSL in memory.

Why not the event loop's own TLS: asyncio's and uvloop's send no alert on a failed handshake or a bad
record, only a FIN (python/cpython#98078), and neither can close one direction alone. Here whatever
OpenSSL has to say is on the wire before anything is closed.

This is the receiving half, and the beginning; what is sent is in tls_sending.py, the end in tls_ending.py.
"""

from __future__ import annotations

import asyncio
import ssl

from services.kit.tls_context import is_truncation
from services.kit.tls_ending import RECORD
from services.kit.tls_sending import Sending

_TOGETHER = 2
"""Records that are delivered as one. Four would cost no less, and leave more unread where it is piled up."""


class TLSTransport(Sending):
    """One established TLS connection: a transport to the protocol above, a protocol to TCP below.

    Implements all of `asyncio.Transport`, half-close included (RFC 8446, 6.1).
    """

    # -- the beginning ----------------------------------------------------------------------------

    def start(self, protocol: asyncio.Protocol) -> None:
        """Hand the connection to its protocol, with what has come for it already."""
        self._protocol = protocol
        try:
            protocol.connection_made(self)
        except Exception as error:  # noqa: BLE001 - a protocol's bug costs its own connection only
            self._failed(error, "connection_made")
        if self._incoming.pending or self._pending():
            self._pump()
        if not self._closing:
            self._send()  # the session ticket, unless it went with the first words

    # -- the transport: reading ------------------------------------------------------------------

    def is_reading(self) -> bool:
        """Whether data is being delivered."""
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        """Deliver nothing until `resume_reading`; TCP's window then holds the sender."""
        if self._reading and not self._closing:
            self._reading = False
            self._lower.pause_reading()

    def resume_reading(self) -> None:
        """Deliver again, first what has come already."""
        if not self._reading and not self._closing:
            self._reading = True
            asyncio.get_running_loop().call_soon(self._read_on)

    def _read_on(self) -> None:
        """Deliver what has come already; only then may more come, so that it does not pile up here."""
        self._pump()
        if self.is_reading():
            self._lower.resume_reading()

    # -- the protocol: what TCP tells ------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Encrypted bytes."""
        if self._closing:
            return
        self._incoming.write(data)
        if self._reading:
            self._pump()

    def _pump(self) -> None:
        """Decrypt and deliver all that has come, a few records at a time."""
        more = True
        while more and self._reading and not self._closing and not self._ended:
            records: list[bytes] = []
            try:
                more = self._decrypt(records)
            except ssl.SSLError as error:
                # Handled here and now: kept, the error would hold this frame and be held by it, and the whole
                # connection would be left to the collector of cycles.
                self._deliver(records)
                self._end_reading(error)
                break
            self._deliver(records)
        if self._outgoing.pending and not self._closing:
            self._send()  # the answer to a key update (RFC 8446, 4.6.3)

    def _decrypt(self, records: list[bytes]) -> bool:
        """Add the next records; whether there may be more. Raises SSLError behind the last."""
        for _ in range(_TOGETHER):
            data = self._held.popleft() if self._held else self._decrypted(RECORD)
            if not data:
                raise ssl.SSLZeroReturnError
            records.append(data)
            if not self._held and not self._incoming.pending and not self._pending():
                return False
        return True

    def _end_reading(self, error: ssl.SSLError) -> None:
        """What stands behind the last record: nothing yet, the peer's end, or a fault."""
        if isinstance(error, ssl.SSLWantReadError) or self._closing:
            return  # a record is not whole yet
        if isinstance(error, ssl.SSLZeroReturnError) or is_truncation(error):
            self._peer_ended(truncated=not isinstance(error, ssl.SSLZeroReturnError))
        else:
            self._break(error)

    def _deliver(self, records: list[bytes]) -> None:
        if not records:
            return
        try:
            self._protocol.data_received(records[0] if len(records) == 1 else b"".join(records))
        except Exception as error:  # noqa: BLE001 - a protocol's bug costs its own connection only
            self._failed(error, "data_received")

    def eof_received(self) -> bool:
        """FIN. Without a close_notify before it, it may be a truncation attack (RFC 8446, 6.1)."""
        self._incoming.write_eof()
        if self._reading and not self._ended:
            self._pump()
        return True

    def _peer_ended(self, *, truncated: bool) -> None:
        self._ended, self._facts["truncated"] = True, truncated
        try:
            keep_open = self._protocol.eof_received()
        except Exception as error:  # noqa: BLE001 - as above
            self._failed(error, "eof_received")
            return
        if not keep_open:
            self.close()
