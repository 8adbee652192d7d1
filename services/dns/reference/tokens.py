"""Lexer of master files (RFC 1035 5.1): quotes, escapes, comments, parentheses, blank first columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.dns.reference.errors import ZoneError
from services.dns.reference.names import unescape

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[()]|;[^\n]*|\n|[ \t\r\f]+|(?:[^ \t\r\f\n"();\\]|\\.)+', re.DOTALL)
_SPECIAL = re.compile(r'["();\\]')


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a master file; escapes stand as written, quotes are taken off and noted."""

    text: str
    quoted: bool = False

    def octets(self) -> bytes:
        r"""Return the word with `\X` and `\DDD` resolved, other characters as UTF-8."""
        if "\\" not in self.text:
            return self.text.encode()
        out = bytearray()
        position = 0
        while position < len(self.text):
            if self.text[position] == "\\":
                octet, width = unescape(self.text, position)
                out.append(octet)
            else:
                out += self.text[position].encode()
                width = 1
            position += width
        return bytes(out)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a master file: the words between two line ends outside parentheses.

    Attributes:
        number: line in the file, from 1, where the entry starts.
        indented: true when the owner field is blank, which repeats the last owner.
        words: at least one word.
    """

    number: int
    indented: bool
    words: tuple[Token, ...]


def lines(text: str, file: str) -> Iterator[Line]:
    """Yield the entries of a master file.

    Raises:
        ZoneError: an unclosed quote or parenthesis, or a closing one without its opening.
    """
    number, position = 1, 0
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        plain = text[position:end]
        if _SPECIAL.search(plain):
            entry, taken = _entry(text, position, f"{file}:{number}")
            yield from _line(number, entry)
        else:
            words, taken = tuple(map(Token, plain.split())), end + 1 - position
            if words:
                yield Line(number, plain[0] in " \t\r\f", words)
        number += text.count("\n", position, position + taken)
        position += taken


def _entry(text: str, start: int, where: str) -> tuple[list[str], int]:
    """Return the words of the entry at `start`, and its length with the line end."""
    entry: list[str] = []
    depth, position = 0, start
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ZoneError(where, "a quote or an escape is never closed")
        word, position = match.group(), match.end()
        depth += (word == "(") - (word == ")")
        if depth < 0:
            raise ZoneError(where, "')' without '('")
        if word == "\n" and not depth:
            break
        entry.append(word)
    if depth:
        raise ZoneError(where, "'(' is never closed")
    return entry, position - start


def _line(number: int, entry: list[str]) -> Iterator[Line]:
    """Yield the entry of these words, or nothing when they are all blanks and comments."""
    words = tuple(
        Token(word[1:-1], quoted=True) if word[0] == '"' else Token(word)
        for word in entry
        if word[0] not in " \t\r\f\n();"
    )
    if words:
        yield Line(number, entry[0][0] in " \t\r\f", words)


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"(?:\d+[smhdw])+|\d+", re.IGNORECASE)
MAX_TTL = 2**31 - 1


def duration(text: str) -> int:
    """Return the seconds of a TTL: digits, or digits with the units w d h m s, as in `1h30m`.

    Raises:
        ValueError: another form, or a value over 2^31 - 1 (RFC 2181 8).
    """
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{text!r} is no duration")
    seconds = (
        int(text)
        if text.isdecimal()
        else sum(int(n) * _UNITS[unit.lower()] for n, unit in re.findall(r"(\d+)([a-zA-Z])", text))
    )
    if seconds > MAX_TTL:
        raise ValueError(f"{text!r} is over {MAX_TTL} seconds (RFC 2181 8)")
    return seconds
