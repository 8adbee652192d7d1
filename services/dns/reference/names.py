"""Domain names, held as uncompressed wire form (RFC 1035 3.1).

A name is `bytes`: length-prefixed labels that end with the root's zero octet. The form is its own
dictionary key once lowered: a length octet is at most 63 and so never looks like a letter, which makes
`bytes.lower()` exactly the case folding of RFC 4343, and the parent is a slice.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from services.dns.reference.errors import NameSyntaxError

ROOT = b"\0"
MAX_NAME = 255
MAX_LABEL = 63
_PLAIN = re.compile(r"[A-Za-z0-9_*-]{1,63}(?:\.[A-Za-z0-9_*-]{1,63})*\.?")  # what needs no careful reading
_ESCAPED = frozenset(b'.\\"();@$')


def from_text(text: str, origin: bytes = ROOT) -> bytes:
    r"""Return the wire form of `text`; a name without a final dot is relative to `origin`.

    Understands `@`, `\X` and `\DDD` (RFC 1035 5.1).

    Raises:
        NameSyntaxError: an empty or over-long label, an over-long name, a bad escape.
    """
    if text == "@":
        return origin
    if text == ".":
        return ROOT
    if _PLAIN.fullmatch(text):
        absolute = text.endswith(".")
        labels = text.rstrip(".").encode().split(b".")
    else:
        labels, absolute = _labels(text)
    wire = b"".join(bytes((len(label),)) + label for label in labels) + (ROOT if absolute else origin)
    if len(wire) > MAX_NAME:
        raise NameSyntaxError(f"the name {text!r} is longer than {MAX_NAME} octets (RFC 1035 3.1)")
    return wire


def _labels(text: str) -> tuple[list[bytes], bool]:
    """Split presentation form into labels; the flag says whether a final dot closed the name."""
    labels: list[bytes] = []
    label = bytearray()
    characters = _octets(text)
    for octet, literal in characters:
        if octet == 0x2E and not literal:
            labels.append(_checked(bytes(label), text))
            label.clear()
        else:
            label.append(octet)
    if label or not labels:
        labels.append(_checked(bytes(label), text))
        return labels, False
    return labels, True


def _octets(text: str) -> Iterator[tuple[int, bool]]:
    """Yield each octet of a name and whether an escape made it literal."""
    position = 0
    while position < len(text):
        character = text[position]
        if character != "\\":
            if ord(character) > 126 or ord(character) < 33:
                raise NameSyntaxError(f"{text!r} holds {character!r}: write it as \\DDD or as an A-label")
            yield ord(character), False
            position += 1
            continue
        octet, width = unescape(text, position)
        yield octet, True
        position += width


def unescape(text: str, position: int) -> tuple[int, int]:
    r"""Return the octet that the escape at `position` stands for, and the escape's width.

    Raises:
        NameSyntaxError: `\` at the end, or `\DDD` over 255.
    """
    following = text[position + 1 : position + 4]
    if not following:
        raise NameSyntaxError(f"{text!r} ends inside an escape")
    if not following[0].isdecimal():
        return ord(following[0]) & 0xFF, 2
    if len(following) < 3 or not following.isdecimal() or int(following) > 255:
        raise NameSyntaxError(f"{text!r} holds a bad escape \\{following}")
    return int(following), 4


def _checked(label: bytes, text: str) -> bytes:
    if not 0 < len(label) <= MAX_LABEL:
        raise NameSyntaxError(f"{text!r} holds a label of {len(label)} octets, not 1 to {MAX_LABEL}")
    return label


def to_text(name: bytes) -> str:
    r"""Return the absolute presentation form, other octets than printable ASCII as `\DDD`."""
    return "".join(_label_text(label) + "." for label in labels_of(name)) or "."


def _label_text(label: bytes) -> str:
    return "".join(_octet_text(octet) for octet in label)


def _octet_text(octet: int) -> str:
    if octet in _ESCAPED:
        return "\\" + chr(octet)
    return chr(octet) if 33 <= octet <= 126 else f"\\{octet:03d}"


def labels_of(name: bytes) -> Iterator[bytes]:
    """Yield the labels of a wire-form name, leftmost first, without the root."""
    position = 0
    while length := name[position]:
        yield name[position + 1 : position + 1 + length]
        position += 1 + length


def parent(name: bytes) -> bytes:
    """Return the name without its leftmost label; the root has no parent and is returned as it is."""
    return name[name[0] + 1 :] if name[0] else name


def ancestors(name: bytes) -> Iterator[bytes]:
    """Yield the name itself, then each parent up to and including the root."""
    while name[0]:
        yield name
        name = name[name[0] + 1 :]
    yield name


def is_within(name: bytes, apex: bytes) -> bool:
    """Tell whether `name` is `apex` or below it; both lowered."""
    return name.endswith(apex) and any(candidate == apex for candidate in ancestors(name))


def reverse_of(address: str) -> bytes:
    """Return the name under in-addr.arpa or ip6.arpa for an address (RFC 1035 3.5, RFC 3596 2.5)."""
    return from_text(ipaddress.ip_address(address).reverse_pointer + ".")
