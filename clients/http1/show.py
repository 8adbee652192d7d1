"""Steps of a trace as people read them: `>` went out, `<` came in, `*` happened."""

from __future__ import annotations

from typing import TextIO

from clients.trace import Step

_SHOWN = 2048
_DIM, _GREEN, _CYAN, _PLAIN = "\x1b[2m", "\x1b[32m", "\x1b[36m", "\x1b[0m"


class Show:
    """Prints each step as it comes, with the milliseconds since the first."""

    def __init__(self, out: TextIO, *, colour: bool = False) -> None:
        self._out, self._colour = out, colour
        self._began: float | None = None

    def __call__(self, step: Step) -> None:
        """Prints `step`."""
        if self._began is None:
            self._began = step.t
        stamp = f"{(step.t - self._began) * 1000:9.1f} ms "
        data = step.data.get("data")
        if isinstance(data, bytes):
            arrow, colour = (">", _GREEN) if step.event == "send" else ("<", _CYAN)
            for line in self._lines(data):
                self._print(stamp, f"{arrow} {line}", colour)
                stamp = " " * len(stamp)
        else:
            said = " ".join(f"{name}={value}" for name, value in step.data.items())
            self._print(stamp, f"* {step.event} {said}".rstrip(), _DIM)

    def _lines(self, data: bytes) -> list[str]:
        """One line for each on the wire, its ending left out; anything but CRLF is shown."""
        text = data[:_SHOWN].decode("utf-8", "backslashreplace")
        lines = [_visible(line) for line in text.split("\r\n")]
        if lines[-1] == "" and len(lines) > 1:
            lines.pop()
        if len(data) > _SHOWN:
            lines.append(f"… {len(data) - _SHOWN} more bytes")
        return lines

    def _print(self, stamp: str, line: str, colour: str) -> None:
        if self._colour:
            line = f"{colour}{line}{_PLAIN}"
        self._out.write(f"{stamp}{line}\n")


def _visible(line: str) -> str:
    return "".join(char if char.isprintable() or char == "\t" else repr(char)[1:-1] for char in line)
