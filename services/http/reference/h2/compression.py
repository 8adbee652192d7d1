"""Header compression (RFC 7541) on the `hpack` package, with the caches that make it cheap.

Decoding: a block that leaves the dynamic table untouched means the same until the table changes, so
its checked `RequestHead` is kept in the table object, and goes the moment the table changes.

Encoding: responses never use the dynamic table (every literal is "without indexing", RFC 7541 6.2.2).
An encoded block then means the same on every connection, and one cache serves them all. The first
block of a connection says so with a dynamic table size update to 0 (RFC 7541 4.2), after which no
SETTINGS_HEADER_TABLE_SIZE of the peer asks for anything more.
"""

from collections.abc import Callable, Iterable

from hpack import Decoder
from hpack.exceptions import HPACKError, OversizedHeaderListError
from hpack.hpack import encode_integer
from hpack.huffman import HuffmanEncoder
from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH
from hpack.table import HeaderTable

from .errors import ConnectionFault, ErrorCode
from .headers import Fields, RequestHead

NO_DYNAMIC_TABLE = b"\x20"
"""A dynamic table size update to 0 (RFC 7541 6.3)."""

_CACHED_BLOCKS = 256
_CACHED_BLOCK_SIZE = 1_024
_ENCODED_FIELDS = 4_096
_ENCODED_FIELD_SIZE = 256


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
    """

    def __init__(self, hard_limit: int) -> None:
        self._decoder = Decoder(max_header_list_size=hard_limit)
        self._table = _WatchedTable()
        self._decoder.header_table = self._table

    def allow_table_size(self, size: int) -> None:
        """Our SETTINGS_HEADER_TABLE_SIZE has been acknowledged (RFC 7541 4.2)."""
        self._decoder.max_allowed_table_size = size

    def section(self, block: bytes) -> Fields:
        """Decode any field block.

        Raises ConnectionFault: COMPRESSION_ERROR (RFC 9113 4.3), or ENHANCE_YOUR_CALM past the limit.
        """
        try:
            return tuple(self._decoder.decode(block, raw=True))
        except OversizedHeaderListError as error:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, str(error), "RFC 9113 10.5.1") from error
        except (HPACKError, IndexError) as error:
            raise ConnectionFault(ErrorCode.COMPRESSION_ERROR, str(error), "RFC 9113 4.3") from error

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
