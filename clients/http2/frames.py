"""Frames as they cross the wire, taken apart for the frame view; field blocks are decoded again here.

Each direction has its own HPACK decoder, which follows the tables as a bystander would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hpack import Decoder
from hpack.exceptions import HPACKError
from hyperframe.exceptions import HyperframeError
from hyperframe.frame import (
    AltSvcFrame,
    ContinuationFrame,
    DataFrame,
    ExtensionFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    PushPromiseFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from clients.http2.codes import code_name, setting_name

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_NAMES = {
    0x0: "DATA",
    0x1: "HEADERS",
    0x2: "PRIORITY",
    0x3: "RST_STREAM",
    0x4: "SETTINGS",
    0x5: "PUSH_PROMISE",
    0x6: "PING",
    0x7: "GOAWAY",
    0x8: "WINDOW_UPDATE",
    0x9: "CONTINUATION",
    0xA: "ALTSVC",
    0xC: "ORIGIN",
    0x10: "PRIORITY_UPDATE",
}
_SHOWN = 256


class FrameReader:
    """The frames of one direction, `send` or `receive`, one dictionary each."""

    def __init__(self, direction: str) -> None:
        self._direction = direction
        self._buffer = b""
        self._decoder = Decoder()
        self._block = b""

    def feed(self, data: bytes) -> Iterator[dict[str, object]]:
        """What `data` completes: `direction`, `length`, `type`, `stream`, `flags`, what the type holds."""
        self._buffer = (self._buffer + data).removeprefix(PREFACE)
        while len(self._buffer) >= 9:
            size = 9 + int.from_bytes(self._buffer[:3], "big")
            if len(self._buffer) < size:
                return
            octets, self._buffer = self._buffer[:size], self._buffer[size:]
            yield self._frame(octets)

    def _frame(self, octets: bytes) -> dict[str, object]:
        head: dict[str, object] = {"direction": self._direction, "length": len(octets) - 9}
        try:
            frame, _ = Frame.parse_frame_header(memoryview(octets[:9]))
            frame.parse_body(memoryview(octets[9:]))
        except HyperframeError as error:
            return {**head, "type": "malformed", "error": str(error)}
        told = {**head, "type": type_name(frame), "stream": frame.stream_id, "flags": sorted(frame.flags)}
        told |= _DETAILS.get(type(frame), lambda _: {})(frame)
        if isinstance(frame, HeadersFrame | PushPromiseFrame | ContinuationFrame):
            told |= self._fields(frame)
        return told

    def _fields(self, frame: HeadersFrame | PushPromiseFrame | ContinuationFrame) -> dict[str, object]:
        self._block += frame.data
        if "END_HEADERS" not in frame.flags:
            return {}
        block, self._block = self._block, b""
        try:
            fields = self._decoder.decode(block, raw=True)
        except HPACKError as error:
            return {"error": str(error)}
        return {"fields": [(shown(name), shown(value)) for name, value in fields]}


def type_name(frame: Frame) -> str:
    """The type by its name, or in hexadecimal."""
    kind = frame.type or 0
    return _NAMES.get(kind, f"{kind:#x}")


def _settings(frame: SettingsFrame) -> dict[str, object]:
    return {"settings": {setting_name(key): value for key, value in frame.settings.items()}}


def _goaway(frame: GoAwayFrame) -> dict[str, object]:
    debug = shown(frame.additional_data[:_SHOWN])
    return {"last_stream": frame.last_stream_id, "code": code_name(frame.error_code), "debug": debug}


def _headers(frame: HeadersFrame) -> dict[str, object]:
    return _priority(frame) if "PRIORITY" in frame.flags else {}


def _priority(frame: HeadersFrame | PriorityFrame) -> dict[str, object]:
    return {"depends_on": frame.depends_on, "weight": frame.stream_weight + 1, "exclusive": frame.exclusive}


_DETAILS: Mapping[type[Frame], Callable[[Any], dict[str, object]]] = {
    DataFrame: lambda frame: {"data": shown(frame.data[:_SHOWN])},
    HeadersFrame: _headers,
    PriorityFrame: _priority,
    RstStreamFrame: lambda frame: {"code": code_name(frame.error_code)},
    SettingsFrame: _settings,
    PushPromiseFrame: lambda frame: {"promised": frame.promised_stream_id},
    PingFrame: lambda frame: {"payload": frame.opaque_data.hex()},
    GoAwayFrame: _goaway,
    WindowUpdateFrame: lambda frame: {"increment": frame.window_increment},
    ContinuationFrame: lambda _: {},
    AltSvcFrame: lambda frame: {"origin": shown(frame.origin), "value": shown(frame.field)},
    ExtensionFrame: lambda frame: {"data": shown(frame.body[:_SHOWN])},
}
"""What a frame of each type holds, beside fields."""


def shown(octets: bytes) -> str:
    """Octets as text, what is no UTF-8 escaped."""
    return bytes(octets).decode("utf-8", "backslashreplace")
