"""A core to be driven in tests: begun, fed with frames made by hand, its output read back as frames."""

from __future__ import annotations

from typing import TypeVar

from services.http.reference.h2 import Connection, Limits
from services.http.reference.h2.compression import encode
from services.http.reference.h2.events import Event
from tests.http2 import wire
from tests.http2.wire import Frame

HEAD = encode(((b":status", b"200"),))
E = TypeVar("E")


class Driver:
    """A connection whose preface is over; `settings` are the client's."""

    def __init__(self, *settings: tuple[int, int], limits: Limits | None = None) -> None:
        self.core = Connection(limits or Limits())
        self.core.open()
        self.feed(wire.PREFACE + wire.settings(*settings) + wire.SETTINGS_ACK)
        self.core.take_events()
        self.frames()

    def feed(self, *octets: bytes) -> list[Event]:
        """What the octets led to."""
        self.core.feed(b"".join(octets))
        return self.core.take_events()

    def frames(self, room: int = 1 << 20) -> list[Frame]:
        """What is to be sent now."""
        return list(wire.frames(self.core.take(room)))

    def only(self, kind: type[E], events: list[Event]) -> E:
        """The one event of a kind."""
        (found,) = (event for event in events if isinstance(event, kind))
        return found
