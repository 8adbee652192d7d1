"""What the core reports of the session, as the journal shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from services.http.reference.h2 import events
from services.http.reference.h2.errors import code_name
from services.http.reference.h2.frames import FrameType
from services.http.reference.h2.settings import Setting

if TYPE_CHECKING:
    from services.http.reference.http2_link import Link

SESSION = 0
"""The stream under which the journal keeps what concerns the session as a whole."""

Noted = (
    events.SettingsReceived
    | events.SettingsAcknowledged
    | events.PingReceived
    | events.PingAcknowledged
    | events.GoawayReceived
    | events.PriorityReceived
    | events.PriorityUpdated
    | events.SessionFailed
    | events.FrameSeen
)


def note(session: Link, event: Noted) -> None:
    """Write an event of the session into the journal."""
    name, show = _ENTRIES[type(event)]
    stream_id = getattr(event, "stream_id", SESSION)
    session.site.journal.emit(name, session.connection, stream_id, show(event))


def named(changes: tuple[tuple[int, int], ...]) -> dict[str, object]:
    """Settings by their names, unknown ones in hexadecimal."""
    known = {int(setting): setting.name for setting in Setting}
    return {known.get(identifier, f"{identifier:#x}"): value for identifier, value in changes}


def _settings(event: events.SettingsReceived | events.SettingsAcknowledged) -> dict[str, object]:
    return named(event.changes)


def _ping(event: events.PingReceived | events.PingAcknowledged) -> dict[str, object]:
    return {"payload": event.data.hex(), "ack": isinstance(event, events.PingAcknowledged)}


def _goaway(event: events.GoawayReceived) -> dict[str, object]:
    shown = event.debug[:256].decode("utf-8", "backslashreplace")
    return {"lastStreamId": event.last_stream_id, "code": code_name(event.code), "debug": shown}


def _dependency(event: events.PriorityReceived) -> dict[str, object]:
    signal = event.dependency
    return {"weight": signal.weight, "dependsOn": signal.depends_on, "exclusive": signal.exclusive}


def _urgency(event: events.PriorityUpdated) -> dict[str, object]:
    return {"urgency": event.urgency.urgency, "incremental": event.urgency.incremental}


def _failure(event: events.SessionFailed) -> dict[str, object]:
    return {"code": code_name(event.code), "reason": event.reason, "clause": event.clause}


def _frame(event: events.FrameSeen) -> dict[str, object]:
    kind = {int(known): known.name for known in FrameType}.get(event.kind, f"{event.kind:#x}")
    direction = "sent" if event.sent else "received"
    return {"direction": direction, "type": kind, "flags": event.flags, "length": event.length}


_ENTRIES: Mapping[type, tuple[str, Callable[[Any], Mapping[str, object]]]] = {
    events.SettingsReceived: ("remoteSettings", _settings),
    events.SettingsAcknowledged: ("localSettings", _settings),
    events.PingReceived: ("ping", _ping),
    events.PingAcknowledged: ("ping", _ping),
    events.GoawayReceived: ("goaway", _goaway),
    events.PriorityReceived: ("priority", _dependency),
    events.PriorityUpdated: ("priority", _urgency),
    events.SessionFailed: ("sessionError", _failure),
    events.FrameSeen: ("frame", _frame),
}
