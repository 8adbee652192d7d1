"""Header compression (RFC 7541) on the `hpack` package, with the caches that make it cheap.

Decoding: a block that leaves the dynamic table untouched means the same until the table changes, so
its checked `RequestHead` is kept in the table object, and goes the moment the table changes.

Encoding: responses never use the dynamic table (every literal is "without indexing", RFC 7541 6.2.2).
An encoded block then means the same on every connection, and one cache serves them all. The first
block of a connection says so with a dynamic table size update to 0 (RFC 7541 4.2), after which no
SETTINGS_HEADER_TABLE_SIZE of the peer asks for anything more.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache

from hpack.exceptions import HPACKDecodingError, HPACKError, InvalidTableSizeError
from hpack.hpack import decode_integer, encode_integer
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hpack.huffman_table import decode_huffman
from hpack.table import HeaderTable

from .errors import ConnectionFault, ErrorCode
from .headers import Fields, RequestHead

NO_DYNAMIC_TABLE = b"\x20"
"""A dynamic table size update to 0 (RFC 7541 6.3)."""

_CACHED_BLOCKS = 256
_CACHED_BLOCK_SIZE = 1_024
_ENCODED_FIELDS = 4_096
_ENCODED_FIELD_SIZE = 256
_LONGEST_INTEGER = 16


class _WatchedTable(HeaderTable):
    """A decoding table that holds the heads whose meaning depends on its content."""

    def __init__(self) -> None:
        super().__init__()
        self.version = 0
        self.heads: dict[bytes, RequestHead] = {}

    def add(self, name: bytes, value: bytes) -> None:
        self._changed()
        super().add(name, value)

    def _shrink(self) -> None:
        self._changed()
        super()._shrink()

    def _changed(self) -> None:
        self.version += 1
        self.heads.clear()


class FieldDecoder:
    """Decodes the field blocks of one connection; `hard_limit` bounds a section's size in octets.

    Every block received must pass through, or the table no longer matches the peer's (RFC 9113 4.3).
    The loop is our own, for speed; tables, integers and Huffman codes are those of `hpack`.
    """

    def __init__(self, hard_limit: int) -> None:
        self._hard_limit = hard_limit
        self._allowed = HeaderTable.DEFAULT_SIZE
        self._table = _WatchedTable()

    def allow_table_size(self, size: int) -> None:
        """Our SETTINGS_HEADER_TABLE_SIZE has been acknowledged (RFC 7541 4.2)."""
        self._allowed = size

    def section(self, block: bytes) -> Fields:
        """Decode any field block.

        Raises ConnectionFault: COMPRESSION_ERROR (RFC 9113 4.3), or ENHANCE_YOUR_CALM past the limit.
        """
        try:
            return self._decode(block)
        except (HPACKError, IndexError) as error:
            raise ConnectionFault(ErrorCode.COMPRESSION_ERROR, str(error), "RFC 9113 4.3") from error

    def _decode(self, block: bytes) -> Fields:
        position = self._update_sizes(block)
        fields: list[tuple[bytes, bytes]] = []
        left = self._hard_limit
        while position < len(block):
            if block[position] & 0x80:
                index, position = _integer(block, position, 7)
                field = self._table.get_by_index(index)
            else:
                field, position = self._literal(block, position)
            fields.append(field)
            left -= len(field[0]) + len(field[1]) + 32
            if left < 0:
                reason = f"a field section of more than {self._hard_limit} octets"
                raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, reason, "RFC 9113 10.5.1")
        return tuple(fields)

    def _update_sizes(self, block: bytes) -> int:
        """Take the size updates at the head of a block (RFC 7541 4.2); returns where fields begin."""
        position = 0
        while position < len(block) and block[position] & 0xE0 == 0x20:
            size, position = _integer(block, position, 5)
            if size > self._allowed:
                raise InvalidTableSizeError(f"a dynamic table of {size} octets")
            self._table.maxsize = size
        if self._table.maxsize > self._allowed:
            raise InvalidTableSizeError("the dynamic table was not made smaller")
        return position

    def _literal(self, block: bytes, position: int) -> tuple[tuple[bytes, bytes], int]:
        """A literal, to be indexed (RFC 7541 6.2.1) or not (6.2.2, 6.2.3)."""
        indexed = bool(block[position] & 0x40)
        if not indexed and block[position] & 0x20:
            raise HPACKDecodingError("a table size update behind a field")
        index, position = _integer(block, position, 6 if indexed else 4)
        if index:
            name = self._table.get_by_index(index)[0]
        else:
            name, position = _text(block, position)
        value, position = _text(block, position)
        if indexed:
            self._table.add(name, value)
        return (name, value), position

    def request(self, block: bytes, check: Callable[[Fields], RequestHead]) -> RequestHead:
        """Decode and `check` a request's block, or find it in the cache; raises what `check` raises."""
        head = self._table.heads.get(block)
        if head is not None:
            return head
        version = self._table.version
        head = check(self.section(block))
        if self._table.version == version and len(block) <= _CACHED_BLOCK_SIZE:
            if len(self._table.heads) >= _CACHED_BLOCKS:
                self._table.heads.clear()
            self._table.heads[block] = head
        return head

    def forget(self) -> None:
        """Drop cached heads: what `check` accepts has changed."""
        self._table.heads.clear()


def _integer(block: bytes, position: int, bits: int) -> tuple[int, int]:
    """An integer with a prefix of `bits` (RFC 7541 5.1), and where it ends."""
    most = (1 << bits) - 1
    value = block[position] & most
    if value < most:
        return value, position + 1
    value, used = decode_integer(block[position : position + _LONGEST_INTEGER], bits)
    return value, position + used


def _text(block: bytes, position: int) -> tuple[bytes, int]:
    """A string literal (RFC 7541 5.2), and where it ends."""
    packed = block[position] & 0x80
    length, position = _integer(block, position, 7)
    end = position + length
    if end > len(block):
        raise HPACKDecodingError("a string longer than its block")
    octets = block[position:end]
    return (_unpacked(octets) if packed else octets), end


def _unpacked(octets: bytes) -> bytes:
    """A Huffman coded string; short ones are remembered, for clients repeat themselves."""
    return _remembered(octets) if len(octets) <= _ENCODED_FIELD_SIZE else decode_huffman(octets)


_remembered = lru_cache(maxsize=_ENCODED_FIELDS)(decode_huffman)


_huffman = HuffmanEncoder(REQUEST_CODES, REQUEST_CODES_LENGTH)
_static = HeaderTable()
_fields: dict[tuple[bytes, bytes], bytes] = {}


def encode(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A field block that leaves the dynamic table alone; lower-case names, pseudo-fields first."""
    return b"".join([_fields.get(field) or _encode_field(field) for field in fields])


def _encode_field(field: tuple[bytes, bytes]) -> bytes:
    encoded = _represent(*field)
    if len(encoded) <= _ENCODED_FIELD_SIZE:
        if len(_fields) >= _ENCODED_FIELDS:
            _fields.clear()
        _fields[field] = encoded
    return encoded


def _represent(name: bytes, value: bytes) -> bytes:
    """Indexed from the static table (RFC 7541 6.1), else a literal without indexing (RFC 7541 6.2.2)."""
    match = _static.search(name, value)
    if match is None:
        return b"\x00" + _string(name) + _string(value)
    index, _, exact = match
    if exact is not None:
        return bytes([0x80 | index])
    return bytes(encode_integer(index, 4)) + _string(value)


def _string(value: bytes) -> bytes:
    """A string literal in its shorter form (RFC 7541 5.2)."""
    packed = _huffman.encode(value)
    if len(packed) >= len(value):
        return bytes(encode_integer(len(value), 7)) + value
    length = encode_integer(len(packed), 7)
    length[0] |= 0x80
    return bytes(length) + packed
