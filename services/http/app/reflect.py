"""What the client sent, shown back: `/get`, `/post` …, `/anything`, `/headers`, `/ip`, `/dump/request`."""

from __future__ import annotations

import base64
import json
import os
import socket
from collections.abc import Iterable
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from services.http.app.content import read_all, read_decoded
from services.http.app.errors import Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import Text
from services.http.app.message import Request, Response, json_response, text
from services.http.app.routing import Route

VERSION = "0.1.0"
_BODIES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
_FEATURE = "inspection"
_REST = Text(name="rest", where="path", meaning="Any path", shortest=0, examples=("a/b?c=d",))


def grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The values of each name, in order."""
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups


def headers(request: Request) -> dict[str, list[str]]:
    """The fields with names in the `Content-Type` style, whatever the wire had; the authority as Host."""
    pairs = [(_canonical(name), value.decode("utf-8", "backslashreplace")) for name, value in request.fields]
    host = [("Host", request.authority)]
    return grouped([*host, *(pair for pair in pairs if pair[0] != "Host")])


def origin(exchange: Exchange) -> str:
    """The client's address."""
    return str(exchange.connection.peer[0]) if exchange.connection.peer else ""


def url(request: Request) -> str:
    """The target in absolute form."""
    target = request.target.decode("utf-8", "backslashreplace")
    return target if request.is_absolute else f"{request.scheme}://{request.authority}{target}"


def description(exchange: Exchange) -> dict[str, Any]:
    """What go-httpbin calls a response without body: the request's head."""
    request = exchange.request
    return {
        "args": grouped(request.query),
        "headers": headers(request),
        "method": request.method,
        "origin": origin(exchange),
        "url": url(request),
    }


def _canonical(name: bytes) -> str:
    return "-".join(part.capitalize() for part in name.decode("latin-1").split("-"))


async def head_only(exchange: Exchange) -> Response:
    """`GET /get`."""
    return json_response(description(exchange))


async def with_body(exchange: Exchange) -> Response:
    """`POST /post` and its like: the head, and the content as its media type says."""
    return json_response(await described(exchange))


async def described(exchange: Exchange) -> dict[str, Any]:
    """The request's head and content. Raises Refused as `read_decoded` does, and for malformed content."""
    content = await read_decoded(exchange)
    media_type = (exchange.request.value(b"content-type") or b"").decode("latin-1")
    return {
        **description(exchange),
        "data": "",
        "files": {},
        "form": {},
        "json": None,
        **_parsed(content, media_type),
    }


def _parsed(content: bytes, media_type: str) -> dict[str, Any]:
    essence = media_type.partition(";")[0].strip().lower()
    raw = content.decode("utf-8", "backslashreplace")
    if not content or essence in ("text/plain", "text/html"):
        return {"data": raw}
    if essence == "application/x-www-form-urlencoded":
        return {"data": raw, "form": grouped(_form(raw))}
    if essence == "multipart/form-data":
        return {"data": raw, **_multipart(content, media_type)}
    if essence == "application/json":
        return {"data": raw, "json": _json(content)}
    encoded = base64.urlsafe_b64encode(content).decode()
    return {"data": f"data:{essence or 'application/octet-stream'};base64,{encoded}"}


def _json(content: bytes) -> object:
    try:
        value: object = json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the content is not JSON: {error}") from error
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _form(raw: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw, keep_blank_values=True, max_num_fields=1000, errors="replace")
    except ValueError as error:
        raise Refused(400, f"the content is not a form: {error}") from error


def _multipart(content: bytes, media_type: str) -> dict[str, Any]:
    """Fields and files of a form (RFC 7578)."""
    head = b"content-type: %s\r\n\r\n" % media_type.encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(head + content)
    if not message.is_multipart():
        raise Refused(400, "the content is not a multipart form")
    parts = [part for part in message.iter_parts() if _name(part)]
    return {
        "form": grouped((_name(part), _text(part)) for part in parts if not part.get_filename()),
        "files": grouped((_name(part), _text(part)) for part in parts if part.get_filename()),
    }


def _name(part: Message) -> str:
    return str(part.get_param("name", "", "content-disposition"))


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "backslashreplace") if isinstance(payload, bytes) else ""


async def fields(exchange: Exchange) -> Response:
    """`GET /headers`."""
    return json_response({"headers": headers(exchange.request)})


async def address(exchange: Exchange) -> Response:
    """`GET /ip`."""
    return json_response({"origin": origin(exchange)})


def user_agent(request: Request) -> Response:
    """`GET /user-agent`."""
    return json_response(
        {"user-agent": (request.value(b"user-agent") or b"").decode("utf-8", "backslashreplace")}
    )


async def dump(exchange: Exchange) -> Response:
    """`/dump/request`: head and content as HTTP/1.1 would write them."""
    request, content = exchange.request, await read_all(exchange)
    lines = [f"{request.method} {request.target.decode('utf-8', 'backslashreplace')} HTTP/{request.version}"]
    if not request.values(b"host"):
        lines.append(f"host: {request.authority}")
    shown = [(name + b": " + value).decode("utf-8", "backslashreplace") for name, value in request.fields]
    body = content.decode("utf-8", "backslashreplace")
    return text(200, "\r\n".join([*lines, *shown, "", body]))


def hostname(_request: Request) -> Response:
    """`GET /hostname`."""
    return json_response({"hostname": socket.gethostname()})


def environment(_request: Request) -> Response:
    """`GET /env`: what the operator put there to be seen, and nothing else."""
    return json_response({"env": {k: v for k, v in os.environ.items() if k.startswith("WIREYARD_DEMO_")}})


def version(_request: Request) -> Response:
    """`GET /version`."""
    return json_response({"version": VERSION})


_ALL = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")

ROUTES = (
    Route(("GET",), "/get", head_only, "The request's head", _FEATURE),
    *(
        Route(
            (name.upper(),),
            f"/{name}",
            with_body,
            f"The {name.upper()} request, content and all",
            _FEATURE,
            takes=_BODIES,
        )
        for name in ("post", "put", "patch", "delete")
    ),
    Route(("GET",), "/head", head_only, "What GET says, to be asked with HEAD", _FEATURE),
    Route(_ALL, "/anything", with_body, "Any request, shown back", _FEATURE, takes=_BODIES),
    Route(
        _ALL, "/anything/{rest*}", with_body, "Any request, under any path", _FEATURE, (_REST,), takes=_BODIES
    ),
    Route(("GET",), "/headers", fields, "The request's fields", _FEATURE),
    Route(("GET",), "/ip", address, "The client's address", _FEATURE),
    Route(("GET",), "/user-agent", user_agent, "The client's User-Agent", _FEATURE),
    Route(_ALL, "/dump/request", dump, "The request as HTTP/1.1 text", _FEATURE, media=("text/plain",)),
    Route(("GET",), "/hostname", hostname, "The name of the host that answers", _FEATURE),
    Route(("GET",), "/env", environment, "The server's WIREYARD_DEMO_* variables", _FEATURE),
    Route(("GET",), "/version", version, "The version of the application", _FEATURE),
)
