"""Frames as people read them, in the manner of `nghttp -v`: sent and received, flags and settings by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.text import Text

from clients.trace import Step

_COLOURS = {"send": "magenta", "receive": "cyan"}
_APART = {"direction", "type", "length", "flags", "stream", "fields", "settings", "data"}


class Show:
    """Prints each step as it comes, with the seconds since the first."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began: float | None = None

    def __call__(self, step: Step) -> None:
        """Prints `step`."""
        if self._began is None:
            self._began = step.t
        stamp = f"[{step.t - self._began:7.3f}] "
        lines = frame_lines(step.data) if step.event == "frame" else [_plain(step)]
        colour = _COLOURS.get(str(step.data.get("direction")), "default")
        self._print(Text(stamp, "dim") + Text(lines[0], f"bold {colour}"))
        for line in lines[1:]:
            self._print(Text(" " * len(stamp) + line, colour))

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True, highlight=False)


class AsJson:
    """Prints each step as one line of JSON, for programs."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __call__(self, step: Step) -> None:
        """Prints `step`."""
        line = {"t": round(step.t, 6), "event": step.event, **step.data}
        self._out.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")


def frame_lines(frame: Mapping[str, object]) -> list[str]:
    """A frame's header in one line, then what it holds, a line each."""
    verb = "send" if frame["direction"] == "send" else "recv"
    head = f"{verb} {frame['type']} frame <length={frame['length']}, stream_id={frame.get('stream', 0)}>"
    flags, settings, fields = frame.get("flags"), frame.get("settings"), frame.get("fields")
    lines = [head]
    if isinstance(flags, list) and flags:
        lines.append("; " + " | ".join(flags))
    if isinstance(settings, dict):
        lines += [f"[{name}: {value}]" for name, value in settings.items()]
    rest = {key: value for key, value in frame.items() if key not in _APART}
    if rest:
        lines.append("(" + ", ".join(f"{key}={value}" for key, value in rest.items()) + ")")
    if isinstance(fields, list):
        lines += [f"{name}: {value}" for name, value in fields]
    return lines


def _plain(step: Step) -> str:
    said = " ".join(f"{name}={value}" for name, value in step.data.items())
    return f"{step.event} {said}".rstrip()
