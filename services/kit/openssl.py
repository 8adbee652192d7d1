"""What OpenSSL knows and Python's `ssl` does not show, asked of the library itself through ctypes.

Guarded: `unavailable()` says in words why none of this can be had, and everything here raises
`Unavailable` then. The pointers are read from CPython's own objects, whose first fields have been the
same from 3.11 to 3.14 (Modules/_ssl.c: PySSLContext.ctx; PySSLSocket.Socket, .ssl); before any is used,
a throw-away context proves that they lead where they should.
"""

from __future__ import annotations

import _ssl
import ctypes
import functools
import os
import ssl
import sys
from typing import Any
from weakref import WeakKeyDictionary

from services.kit.errors import KitError

_POINTER = ctypes.sizeof(ctypes.c_void_p)
_HEAD = object.__basicsize__
_KNOWN = ((3, 11), (3, 14))

# include/openssl/ssl.h, tls1.h
_SET_GROUPS_LIST, _GET_NEGOTIATED_GROUP = 92, 134
_SET_STATUS_CB, _SET_STATUS_RESPONSE, _SET_TICKET_KEYS = 63, 71, 59
_TICKET_KEYS = 80
_STATUS_OK, _STATUS_NONE = 0, 3
_StatusCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)

_PROTOTYPES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "SSL_CTX_get_num_tickets": (ctypes.c_size_t, (ctypes.c_void_p,)),
    "SSL_CTX_set_ciphersuites": (ctypes.c_int, (ctypes.c_void_p, ctypes.c_char_p)),
    "SSL_CTX_set_timeout": (ctypes.c_long, (ctypes.c_void_p, ctypes.c_long)),
    "SSL_CTX_ctrl": (ctypes.c_long, (ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_void_p)),
    "SSL_CTX_callback_ctrl": (ctypes.c_long, (ctypes.c_void_p, ctypes.c_int, _StatusCallback)),
    "SSL_ctrl": (ctypes.c_long, (ctypes.c_void_p, ctypes.c_int, ctypes.c_long, ctypes.c_void_p)),
    "SSL_get_SSL_CTX": (ctypes.c_void_p, (ctypes.c_void_p,)),
    "SSL_group_to_name": (ctypes.c_char_p, (ctypes.c_void_p, ctypes.c_int)),
    "SSL_get_finished": (ctypes.c_size_t, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)),
    "SSL_get_peer_finished": (ctypes.c_size_t, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t)),
    "SSL_get_shared_sigalgs": (
        ctypes.c_int,
        (ctypes.c_void_p, ctypes.c_int, *(ctypes.c_void_p,) * 3, *(ctypes.c_char_p,) * 2),
    ),
    "SSL_export_keying_material": (
        ctypes.c_int,
        (ctypes.c_void_p, *(ctypes.c_char_p, ctypes.c_size_t) * 3, ctypes.c_int),
    ),
    "CRYPTO_malloc": (ctypes.c_void_p, (ctypes.c_size_t, ctypes.c_char_p, ctypes.c_int)),
}

_groups: dict[int, str | None] = {}
"""Names that were asked for once: no more than OpenSSL has groups."""
_stapling: WeakKeyDictionary[ssl.SSLContext, Any] = WeakKeyDictionary()


class Unavailable(KitError):  # noqa: N818 - a state, not a mistake
    """OpenSSL cannot be asked on this Python; the text says why."""


@functools.cache
def unavailable() -> str:
    """Why OpenSSL cannot be asked directly; empty when it can."""
    if sys.implementation.name != "cpython" or not _KNOWN[0] <= sys.version_info[:2] <= _KNOWN[1]:
        return (
            f"the layout of ssl's objects is not known for {sys.implementation.name} {sys.version.split()[0]}"
        )
    try:
        library = _library()
    except (OSError, AttributeError) as error:
        return f"OpenSSL's functions are out of reach: {error}"
    probe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    probe.num_tickets = 7
    if library.SSL_CTX_get_num_tickets(_field(probe, 0)) != 7:
        return "ssl's objects have another layout than CPython's sources say"
    return ""


@functools.cache
def _library() -> Any:
    library = ctypes.CDLL(getattr(_ssl, "__file__", None))
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _ready() -> Any:
    if why := unavailable():
        raise Unavailable(why)
    return _library()


def _field(thing: object, index: int) -> int | None:
    return ctypes.c_void_p.from_address(id(thing) + _HEAD + index * _POINTER).value


def inner(tls: ssl.SSLObject) -> Any:
    """What an SSLObject passes each call on to: asked itself, it spares what is called for every record."""
    return vars(tls).get("_sslobj", tls)


def _ssl_pointer(tls: ssl.SSLObject) -> int | None:
    return _field(inner(tls), 1)


def set_suites(context: ssl.SSLContext, names: str) -> None:
    """Choose the suites of TLS 1.3, colon between. Raises ValueError for one that OpenSSL does not know."""
    if not _ready().SSL_CTX_set_ciphersuites(_field(context, 0), names.encode()):
        raise ValueError(f"OpenSSL has no suite of TLS 1.3 called {names!r}")


def set_groups(context: ssl.SSLContext, names: str) -> None:
    """Choose the key-exchange groups, colon between. Raises ValueError for one that OpenSSL does not know."""
    if not _ready().SSL_CTX_ctrl(_field(context, 0), _SET_GROUPS_LIST, 0, names.encode()):
        raise ValueError(f"OpenSSL has no group called {names!r}")


def set_session_life(context: ssl.SSLContext, seconds: int) -> None:
    """How long a session may be resumed, and what tickets say of it (RFC 8446 4.6.1, RFC 5077 5.6)."""
    _ready().SSL_CTX_set_timeout(_field(context, 0), seconds)


def rotate_ticket_keys(context: ssl.SSLContext) -> None:
    """New keys for session tickets (RFC 5077, 5.5): what was handed out before is no longer accepted."""
    _ready().SSL_CTX_ctrl(_field(context, 0), _SET_TICKET_KEYS, _TICKET_KEYS, os.urandom(_TICKET_KEYS))


def staple(context: ssl.SSLContext, response: bytes | None) -> None:
    """Send this OCSP response (DER) to every client that asks for it (RFC 6066, 8); None: no more."""
    library = _ready()
    if response is None:
        if _stapling.pop(context, None):
            library.SSL_CTX_callback_ctrl(_field(context, 0), _SET_STATUS_CB, _StatusCallback())
        return

    def give(pointer: int, _: object) -> int:
        copy = library.CRYPTO_malloc(len(response), b"", 0)  # OpenSSL frees it with the connection
        if not copy:
            return _STATUS_NONE
        ctypes.memmove(copy, response, len(response))
        library.SSL_ctrl(pointer, _SET_STATUS_RESPONSE, len(response), copy)
        return _STATUS_OK

    _stapling[context] = callback = _StatusCallback(give)
    library.SSL_CTX_callback_ctrl(_field(context, 0), _SET_STATUS_CB, callback)


def group(tls: ssl.SSLObject) -> str | None:
    """The group in which the keys were agreed; None when there was none (resumption by PSK alone)."""
    library, pointer = _ready(), _ssl_pointer(tls)
    number = library.SSL_ctrl(pointer, _GET_NEGOTIATED_GROUP, 0, None)
    if number not in _groups:
        name = library.SSL_group_to_name(pointer, number) if number else None
        _groups[number] = name.decode() if name else None
    return _groups[number]


def finished(tls: ssl.SSLObject) -> tuple[bytes, bytes]:
    """The verify_data of our Finished message and of the peer's (RFC 8446, 4.4.4)."""
    library, pointer = _ready(), _ssl_pointer(tls)
    buffer = ctypes.create_string_buffer(64)
    length = library.SSL_get_finished(pointer, buffer, 64)
    own = buffer.raw[:length]
    length = library.SSL_get_peer_finished(pointer, buffer, 64)
    return own, buffer.raw[:length]


def export(tls: ssl.SSLObject, label: str, length: int) -> bytes:
    """Keying material of this connection for `label` (RFC 8446 7.5, RFC 5705)."""
    library, name = _ready(), label.encode()
    buffer = ctypes.create_string_buffer(length)
    if library.SSL_export_keying_material(_ssl_pointer(tls), buffer, length, name, len(name), b"", 0, 0) != 1:
        raise ValueError(f"no keying material for {label!r}")
    return buffer.raw


def shared_signatures(tls: ssl.SSLObject) -> list[int]:
    """The signature schemes that both sides offer, by code point (RFC 8446, 4.2.3)."""
    library, pointer = _ready(), _ssl_pointer(tls)
    total = library.SSL_get_shared_sigalgs(pointer, 0, None, None, None, None, None)
    found = []
    for index in range(total):
        low, high = ctypes.create_string_buffer(1), ctypes.create_string_buffer(1)
        library.SSL_get_shared_sigalgs(pointer, index, None, None, None, low, high)
        found.append(high.raw[0] << 8 | low.raw[0])
    return found
