"""What the journal says of a message: read from its octets only when someone asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from services.dns.reference.errors import MessageError
from services.dns.reference.names import to_text
from services.dns.reference.rrtypes import Type, rcode_to_text, type_to_text
from services.dns.reference.wire import AA, HEADER, QR, RD, TC, Head, read_question_name, skip_name

KEPT = 512  # octets of a message that the journal keeps: header and question are there, however long it is
_LENGTH = 4
_OPT = b"\0" + Type.OPT.to_bytes(2)  # its owner is the root; behind its payload, the code's high bits
_FLAGS = {QR: "qr", AA: "aa", TC: "tc", RD: "rd"}


class MessageFacts(Mapping[str, object]):
    """A DNS message as the journal's `data`.

    Keys: `id`, `bytes`; and as far as the message can be read `rcode` or `opcode`, `flags`, `name`,
    `type`, `class`, and the record counts `answers`, `authorities`, `additionals`.
    """

    __slots__ = ("_wire",)

    def __init__(self, wire: bytes) -> None:
        self._wire = wire

    def __getitem__(self, key: str) -> object:
        return self._facts()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts())

    def __len__(self) -> int:
        return len(self._facts())

    def _facts(self) -> dict[str, object]:
        return describe(self._wire)


def noted(wire: bytes) -> bytes:
    """Return what the journal keeps of a message: a long one's beginning, with its length behind it."""
    return wire if len(wire) <= KEPT else wire[:KEPT] + len(wire).to_bytes(_LENGTH)


def describe(wire: bytes) -> dict[str, object]:
    """Return the facts of any octets that claim to be a message, from what was `noted` of them."""
    size = len(wire)
    if size == KEPT + _LENGTH:
        size, wire = int.from_bytes(wire[KEPT:]), wire[:KEPT]
    facts: dict[str, object] = {"bytes": size}
    if len(wire) < HEADER.size:
        return facts | {"octets": wire.hex()}
    head = Head(*HEADER.unpack_from(wire))
    facts["id"] = head.id
    facts["flags"] = [name for bit, name in _FLAGS.items() if head.flags & bit]
    if head.flags & QR:
        facts["rcode"] = rcode_to_text(rcode_of(wire))
        facts |= {"answers": head.answers, "authorities": head.authorities, "additionals": head.additionals}
    else:
        facts["opcode"] = head.opcode
    return facts | (_question(wire) if head.questions else {})


def rcode_of(wire: bytes) -> int:
    """Return the code of an answer: the whole of it where it has no data, as those of over four bits do."""
    head = Head(*HEADER.unpack_from(wire))
    code = head.flags & 0xF
    if head.answers or head.authorities or not head.additionals:
        return code
    try:
        end = skip_name(wire, HEADER.size) + 4 if head.questions else HEADER.size
    except MessageError:
        return code
    opt = wire[end : end + 6]
    return code | opt[5] << 4 if len(opt) == 6 and opt.startswith(_OPT) else code


def _question(wire: bytes) -> dict[str, object]:
    try:
        name, end = read_question_name(wire)
    except MessageError as error:
        return {"malformed": str(error)}
    fixed = wire[end : end + 4]
    return {
        "name": to_text(name),
        "type": type_to_text(int.from_bytes(fixed[:2])),
        "class": int.from_bytes(fixed[2:]),
    }
