"""The connection's own TLS, shown: what Node's `tls` module tells of a socket, under the same names.

`GET /tls` describes the connection that asks; `GET /tls/names` lists every server name that shows something.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from typing import Any

from certs.zoo import CASES as ZOO
from services.http.app.errors import NotOffered, Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import Text, Whole
from services.http.app.message import Response, json_response
from services.http.app.routing import Route
from services.http.app.tls_cases import CASES
from services.http.app.tls_names import GROUPS, SIGNATURES, STANDARD, SUITES, VERSIONS, words
from services.kit import openssl
from services.kit.tls_context import TLSObject

_FEATURE = "tls-told"
BINDING = "EXPORTER-Channel-Binding"
"""The label of the channel binding tls-exporter (RFC 9266, 4.2)."""
_LABEL = Text(name="exporter", default=BINDING, meaning="The label of the keying material to export")
_LENGTH = Whole(name="length", default=32, low=1, high=255, meaning="How many bytes of it")

DECLINED: Mapping[str, str] = {
    "session": "the session's secrets would let any reader of the answer resume it",
    "unauthorized connections": "Python's ssl ends the handshake at a bad client certificate; Node may go on",
}


async def describe(exchange: Exchange) -> Response:
    """`GET /tls`: the TLS of this very connection."""
    tls = exchange.connection.secure
    if not isinstance(tls, TLSObject):
        if exchange.request.scheme == "https":
            raise NotOffered("a look at its TLS")
        return json_response({"encrypted": False})
    label, length = _LABEL.of(exchange), _LENGTH.of(exchange)
    return json_response(
        {"encrypted": True, **_agreed(tls), **_asked(tls, label, length), "declined": DECLINED}
    )


async def names(exchange: Exchange) -> Response:
    """`GET /tls/names`: every server name below this one that shows something, and what it shows."""
    authority = exchange.server.authority
    zoo = [
        {
            "name": case.name,
            "server": case.server_name(authority),
            "wrong": case.wrong,
            "clause": case.clause,
            "verdict": case.verdict,
            "says": case.says,
        }
        for case in ZOO
    ]
    cases = [
        {"name": case.name, "server": f"{case.name}.{authority}", "shows": case.shows, "clause": case.clause}
        for case in CASES
    ]
    return json_response({"certificates": zoo, "protocol": cases})


def _agreed(tls: TLSObject) -> dict[str, Any]:
    """What Python's own `ssl` tells."""
    from services.http.app import tls_certificates as shown  # noqa: PLC0415 - few ask, and X.509 costs 9 MB

    name, version, bits = tls.cipher() or ("", "", 0)
    peer = tls.getpeercert(binary_form=True)
    own = shown.chain(tls.presented) if tls.presented else []
    return {
        "protocol": tls.version(),
        "cipher": {"name": name, "standardName": STANDARD.get(name, name), "version": version, "bits": bits},
        "alpnProtocol": tls.selected_alpn_protocol(),
        "servername": tls.sni,
        "sessionReused": tls.session_reused,
        "ticketsSent": tls.context.num_tickets if tls.version() == "TLSv1.3" else None,
        "authorized": peer is not None,
        "authorizationError": None if peer else tls.stranger,
        "peerCertificate": shown.certificate(peer) if peer else None,
        "certificate": own[0] if own else None,
        "chain": own[1:],
        "clientHello": _offer(tls),
    }


def _asked(tls: ssl.SSLObject, label: str, length: int) -> dict[str, Any]:
    """What only OpenSSL itself tells; each null, with the reason, where it cannot be asked."""
    reason = openssl.unavailable()

    def tell(question: Callable[[], Any]) -> Any:
        return None if reason else question()

    try:
        keying = tell(lambda: openssl.export(tls, label, length).hex())
    except ValueError as error:
        raise Refused(400, str(error)) from error
    finished = tell(lambda: [message.hex() for message in openssl.finished(tls)])
    return {
        "ephemeralKeyInfo": tell(lambda: {"name": openssl.group(tls)}),
        "sharedSigalgs": tell(lambda: words(SIGNATURES, tuple(openssl.shared_signatures(tls)))),
        "finished": finished and finished[0],
        "peerFinished": finished and finished[1],
        "keyingMaterial": {"label": label, "length": length, "value": keying},
        "openssl": reason or ssl.OPENSSL_VERSION,
    }


def _offer(tls: TLSObject) -> dict[str, Any] | None:
    """The ClientHello in words."""
    hello = tls.hello
    if hello is None:
        return None
    return {
        "versions": words(VERSIONS, hello.versions),
        "ciphers": words(SUITES, hello.suites),
        "groups": words(GROUPS, hello.groups),
        "keyShares": words(GROUPS, hello.key_shares),
        "signatureAlgorithms": words(SIGNATURES, hello.signatures),
        "alpn": [name.decode("latin-1") for name in hello.alpn],
        "extensions": list(hello.extensions),
        "bytes": len(hello.octets),
    }


ROUTES = (
    Route(("GET",), "/tls", describe, "The TLS of this very connection", _FEATURE, (_LABEL, _LENGTH)),
    Route(("GET",), "/tls/names", names, "Server names that show a certificate or a protocol case", _FEATURE),
)
