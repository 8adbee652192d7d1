"""Content codings (RFC 9110 8.4.1): gzip, deflate, br (RFC 7932), zstd (RFC 8878); and choosing one."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from functools import partial

import brotli
import zstandard

from services.http.app.errors import Refused

Decoder = Callable[[bytes, int], bytes]

# Larger windows are not accepted from a peer: RFC 9659 bounds zstd on the web at 8 MiB.
_ZSTD_WINDOW = 8 * 1024 * 1024
# Four bytes of zstd can mean 128 KiB; so much of it is decoded before the bound is looked at.
_ZSTD_STEP = 64
_GZIP, _ZLIB = 31, 15


def encode(coding: str, content: bytes) -> bytes:
    """`content` in `coding`, a key of ENCODERS."""
    return ENCODERS[coding](content)


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": partial(gzip.compress, mtime=0),
    "deflate": zlib.compress,
    "br": partial(brotli.compress, quality=5),
    "zstd": lambda content: zstandard.ZstdCompressor().compress(content),
}


def decoders(field: bytes) -> list[Decoder]:
    """The decoders of a Content-Encoding value, in the order to apply them. Raises Refused (415)."""
    names = [name.strip().lower() for name in field.decode("latin-1").split(",")]
    wanted = [name for name in names if name not in ("", "identity")]
    for name in wanted:
        if name not in _DECODERS:
            accepted = ", ".join(ENCODERS).encode()
            raise Refused(415, f"the content coding {name!r} is not known", ((b"accept-encoding", accepted),))
    if len(wanted) > 3:
        raise Refused(415, "more than three content codings")
    return [_DECODERS[name] for name in reversed(wanted)]


def _inflate(bits: int, content: bytes, limit: int) -> bytes:
    """One zlib or gzip stream after another (RFC 1952 2.2 allows several members)."""
    made = b""
    while content:
        stream = zlib.decompressobj(bits)
        made += stream.decompress(content, limit + 1 - len(made))
        _bound(made, limit)
        if not stream.eof:
            raise Refused(400, "the content ends before its coding does")
        content = stream.unused_data
    return made


def _unbrotli(content: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    made: bytes = stream.process(content, output_buffer_limit=limit + 1)
    _bound(made, limit)
    while not stream.is_finished() and (more := stream.process(b"", output_buffer_limit=limit + 1)):
        made += more
        _bound(made, limit)
    if not stream.is_finished():
        raise Refused(400, "the content ends before its coding does")
    return made


def _unzstd(content: bytes, limit: int) -> bytes:
    made, stream = bytearray(), None
    for start in range(0, len(content), _ZSTD_STEP):
        piece = content[start : start + _ZSTD_STEP]
        while piece:
            if stream is None or stream.eof:
                stream = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
            made += stream.decompress(piece)
            _bound(made, limit)
            piece = stream.unused_data if stream.eof else b""
    if stream is not None and not stream.eof:
        raise Refused(400, "the content ends before its coding does")
    return bytes(made)


def _bound(made: bytes | bytearray, limit: int) -> None:
    if len(made) > limit:
        raise Refused(413, f"the content is larger than {limit} bytes once decoded")


def _guarded(name: str, decode: Decoder) -> Decoder:
    def guarded(content: bytes, limit: int) -> bytes:
        try:
            return decode(content, limit)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise Refused(400, f"the content is not {name}: {error}") from error

    return guarded


_DECODERS: dict[str, Decoder] = {
    "gzip": _guarded("gzip", partial(_inflate, _GZIP)),
    "x-gzip": _guarded("gzip", partial(_inflate, _GZIP)),
    "deflate": _guarded("deflate", partial(_inflate, _ZLIB)),
    "br": _guarded("br", _unbrotli),
    "zstd": _guarded("zstd", _unzstd),
}
