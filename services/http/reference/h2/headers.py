"""What a field section may look like in HTTP/2 (RFC 9113 8.2 and 8.3), as tables and checks.

`request_head` turns a decoded field section into a `RequestHead`; `trailer_fields` checks a trailer
section. Both raise `Malformed`, which the connection turns into a stream error (RFC 9113 8.1.1).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from services.http.reference.trailers import NOT_IN_TRAILERS
from services.http.reference.uri import TARGET, is_authority

from .errors import H2Error

Fields = tuple[tuple[bytes, bytes], ...]


class Malformed(H2Error):  # noqa: N818 - the term of RFC 9113 8.1.1
    """A request that breaks the rule in `clause` (RFC 9113 8.1.1)."""

    def __init__(self, reason: str, clause: str) -> None:
        super().__init__(f"{reason} ({clause})")
        self.reason = reason
        self.clause = clause


@dataclass(frozen=True, slots=True, eq=False)
class RequestHead:
    """A valid request head; `size` is that of the field section by RFC 9113 6.5.2 (32 octets extra a field).

    `fields` are the regular fields in order, cookie crumbs joined (RFC 9113 8.2.3). Absent
    pseudo-fields are empty. `content_length` is None when not given, and for CONNECT; `priority` is
    the Priority field of RFC 9218.
    """

    method: bytes
    scheme: bytes
    authority: bytes
    path: bytes
    protocol: bytes
    fields: Fields
    content_length: int | None
    priority: bytes | None
    size: int


@dataclass(frozen=True, slots=True)
class Form:
    """Which pseudo-fields a kind of request must have, and which it may have besides."""

    required: frozenset[bytes]
    allowed: frozenset[bytes]
    clause: str


_ALL = frozenset({b":method", b":scheme", b":authority", b":path"})

ORDINARY = Form(frozenset({b":method", b":scheme", b":path"}), _ALL, "RFC 9113 8.3.1")
CONNECT = Form(frozenset({b":method", b":authority"}), frozenset({b":method", b":authority"}), "RFC 9113 8.5")
EXTENDED_CONNECT = Form(_ALL | {b":protocol"}, _ALL | {b":protocol"}, "RFC 8441 4")

_is_token = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch

PSEUDO_FIELDS: Mapping[bytes, tuple[Callable[[bytes], object], str]] = {
    b":method": (_is_token, "RFC 9110 9.1"),
    b":scheme": (re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*").fullmatch, "RFC 9113 8.3.1"),
    b":authority": (is_authority, "RFC 9113 8.3.1"),
    b":path": (TARGET.fullmatch, "RFC 9113 8.3.1"),
    b":protocol": (_is_token, "RFC 8441 4"),
}
"""The pseudo-fields of a request, what each may hold, and where that is said; no userinfo in `:authority`."""

CONNECTION_FIELDS = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
"""Connection-specific fields, which have no meaning in HTTP/2 (RFC 9113 8.2.2)."""

_REMEMBERED, _REMEMBERED_SIZE = 4_096, 256
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_BAD_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]|\A[ \t]|[ \t]\Z")
_ABSOLUTE_PATH = re.compile(rb"/.*|\*", re.DOTALL)
_DIGITS = re.compile(rb"[0-9]{1,19}")
_DEFAULT_PORTS = {b"http": b":80", b"https": b":443"}


def section_size(fields: Iterable[tuple[bytes, bytes]]) -> int:
    """The size of a field section as SETTINGS_MAX_HEADER_LIST_SIZE counts it (RFC 9113 6.5.2)."""
    return sum([len(name) + len(value) + 32 for name, value in fields])


def request_head(section: Iterable[tuple[bytes, bytes]], extended_connect: bool) -> RequestHead:
    """Check a whole request field section; raises Malformed.

    `extended_connect` says whether SETTINGS_ENABLE_CONNECT_PROTOCOL has been sent (RFC 8441 3).
    """
    section = tuple(section)
    pseudo, fields = _split(section)
    method = pseudo.get(b":method", b"")
    form = _form(method, pseudo, extended_connect)
    _check_form(form, pseudo)
    for field in fields:
        if field not in _known_good:
            _remember(field)
    get = pseudo.get
    scheme, authority, path = get(b":scheme", b""), get(b":authority", b""), get(b":path", b"")
    if form is CONNECT:
        _check_connect_target(authority)
    else:
        _check_target(method, scheme, authority, path, fields)
    length = None if form is not ORDINARY else content_length(fields)
    return RequestHead(
        method=method,
        scheme=scheme,
        authority=authority,
        path=path,
        protocol=pseudo.get(b":protocol", b""),
        fields=_join_cookies(fields),
        content_length=length,
        priority=_combined(fields, b"priority"),
        size=section_size(section),
    )


_known_good: set[tuple[bytes, bytes]] = set()
"""Fields that have passed `check_field`: clients repeat themselves."""


def _remember(field: tuple[bytes, bytes]) -> None:
    check_field(*field)
    if len(field[1]) <= _REMEMBERED_SIZE:
        if len(_known_good) >= _REMEMBERED:
            _known_good.clear()
        _known_good.add(field)


def trailer_fields(section: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Check a trailer section: regular fields that may stand there (RFC 9113 8.1); raises Malformed."""
    fields = tuple(section)
    for name, value in fields:
        if name.startswith(b":"):
            raise Malformed("pseudo-field in a trailer section", "RFC 9113 8.3")
        check_field(name, value)
        if name in NOT_IN_TRAILERS:
            raise Malformed(f"{_show(name)} stands in the trailers", "RFC 9110 6.5.1")
    return fields


def _split(section: Fields) -> tuple[dict[bytes, bytes], Fields]:
    """Pseudo-fields by name, which come first and once each (RFC 9113 8.3), and the regular fields."""
    pseudo: dict[bytes, bytes] = {}
    for position, (name, value) in enumerate(section):
        if not name.startswith(b":"):
            return pseudo, section[position:]
        rule = PSEUDO_FIELDS.get(name)
        if rule is None:
            raise Malformed(f"unknown pseudo-field {_show(name)}", "RFC 9113 8.3")
        if name in pseudo:
            raise Malformed(f"{_show(name)} twice", "RFC 9113 8.3")
        if not rule[0](value):
            raise Malformed(f"{_show(name)} of {_show(value)}", rule[1])
        pseudo[name] = value
    return pseudo, ()


def _form(method: bytes, pseudo: Mapping[bytes, bytes], extended_connect: bool) -> Form:
    if b":protocol" not in pseudo:
        return CONNECT if method == b"CONNECT" else ORDINARY
    if not extended_connect:
        raise Malformed(":protocol without SETTINGS_ENABLE_CONNECT_PROTOCOL", "RFC 8441 3")
    if method != b"CONNECT":
        raise Malformed(":protocol with a method other than CONNECT", "RFC 8441 4")
    return EXTENDED_CONNECT


def _check_form(form: Form, pseudo: Mapping[bytes, bytes]) -> None:
    for name in form.required - pseudo.keys():
        raise Malformed(f"{_show(name)} is missing", form.clause)
    for name in pseudo.keys() - form.allowed:
        raise Malformed(f"{_show(name)} in a CONNECT request", form.clause)


def _check_connect_target(authority: bytes) -> None:
    port = authority.rpartition(b":")[2]
    if not port.isdigit() or not int(port):
        raise Malformed("CONNECT needs host and port in :authority", "RFC 9113 8.5")


def _check_target(method: bytes, scheme: bytes, authority: bytes, path: bytes, fields: Fields) -> None:
    """`:path` and `:authority` of http and https URIs (RFC 9113 8.3.1)."""
    if scheme.lower() not in _DEFAULT_PORTS:
        return
    if not _ABSOLUTE_PATH.fullmatch(path) or (
        path.startswith(b"*") and (method != b"OPTIONS" or path != b"*")
    ):
        raise Malformed(f":path of {_show(path)} with {_show(method)}", "RFC 9113 8.3.1")
    hosts = [value for name, value in fields if name == b"host"]
    if len(hosts) > 1 or not (hosts or authority):
        raise Malformed("neither :authority nor one host field", "RFC 9113 8.3.1")
    if hosts and not is_authority(hosts[0]):
        raise Malformed(f"host of {_show(hosts[0])}", "RFC 9110 7.2")
    if hosts and authority and _origin(scheme, hosts[0]) != _origin(scheme, authority):
        raise Malformed("host differs from :authority", "RFC 9113 8.3.1")


def _origin(scheme: bytes, authority: bytes) -> bytes:
    """An authority in lower case without its scheme's own port."""
    return authority.lower().removesuffix(_DEFAULT_PORTS[scheme.lower()]).removesuffix(b":")


def check_field(name: bytes, value: bytes) -> None:
    """Check one regular field (RFC 9113 8.2.1 and 8.2.2); raises Malformed."""
    if not _NAME.fullmatch(name):
        clause = "RFC 9113 8.3" if name.startswith(b":") else "RFC 9113 8.2.1"
        raise Malformed(f"field name {_show(name)}", clause)
    if _BAD_VALUE.search(value):
        raise Malformed(f"value of {_show(name)}", "RFC 9113 8.2.1")
    if name in CONNECTION_FIELDS or (name == b"te" and value.lower() != b"trailers"):
        raise Malformed(f"connection-specific field {_show(name)}", "RFC 9113 8.2.2")


def content_length(fields: Fields) -> int | None:
    """The one value of content-length, None when absent; raises Malformed (RFC 9113 8.1.1, RFC 9110 8.6)."""
    values = {value for name, value in fields if name == b"content-length"}
    if not values:
        return None
    value = values.pop()
    if values or not _DIGITS.fullmatch(value):
        raise Malformed("content-length is not one number", "RFC 9110 8.6")
    return int(value)


def _combined(fields: Fields, wanted: bytes) -> bytes | None:
    """All values of a list-valued field as one (RFC 9110 5.3), None when absent."""
    values = [value for name, value in fields if name == wanted]
    return b", ".join(values) if values else None


def _join_cookies(fields: Fields) -> Fields:
    """Cookie crumbs as one field, at the place of the first (RFC 9113 8.2.3)."""
    crumbs = [value for name, value in fields if name == b"cookie"]
    if len(crumbs) < 2:
        return fields
    first = next(i for i, (name, _) in enumerate(fields) if name == b"cookie")
    others = tuple(field for field in fields[first:] if field[0] != b"cookie")
    return (*fields[:first], (b"cookie", b"; ".join(crumbs)), *others)


def _show(value: bytes) -> str:
    return ascii(value[:40].decode("latin-1"))
