"""The role's routes on the control port: zones, run-time records, lies.

GET    /zones             name and serial number of every zone
POST   /zones/reload      reads the zone files again; 409 with file and line when one is refused
GET    /records           what was set and removed at run time
POST   /records           {"name", "type", "data", "ttl"?}: adds a record
PUT    /records           {"name", "type", "data": [...], "ttl"?}: puts a record set in place of what is there
DELETE /records           ?name=&type= removes a record set; without them every run-time change is undone
GET    /lies              the lies there are, and the names put under one
PUT    /lies              {"name", "lie"}: puts a name under a lie
DELETE /lies              ?name= takes a name out again; without it, all names
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.dns.reference import catalogue, lies, rdata, yard
from services.dns.reference.errors import DNSServiceError, ZoneError
from services.dns.reference.names import from_text, to_text
from services.dns.reference.nameserver import NameServer
from services.dns.reference.rrtypes import is_meta, type_from_text, type_to_text
from services.dns.reference.tokens import MAX_TTL, lines
from services.dns.reference.zone import Record

LARGEST_BODY = 1 << 20
DEFAULT_TTL = 60
WHERE = "control port"


class Control:
    """Routes that change what one name server says."""

    def __init__(self, server: NameServer, reload: Callable[[], Awaitable[None]]) -> None:
        self._server = server
        self._reload = reload

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        table: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("GET", "/zones", self._zones),
            ("POST", "/zones/reload", self._read_again),
            ("GET", "/records", self._records),
            ("POST", "/records", self._add),
            ("PUT", "/records", self._replace),
            ("DELETE", "/records", self._remove),
            ("GET", "/lies", self._lies),
            ("PUT", "/lies", self._lie),
            ("DELETE", "/lies", self._be_honest),
        ]
        return [Route(path, _guarded(handler), methods=[method]) for method, path, handler in table]

    async def _zones(self, _: Request) -> Response:
        return JSONResponse(catalogue.describe(self._server.store.zones))

    async def _read_again(self, _: Request) -> Response:
        try:
            await self._reload()
        except ZoneError as error:
            return JSONResponse({"error": error.reason, "where": error.where}, status_code=409)
        return JSONResponse(catalogue.describe(self._server.store.zones))

    async def _records(self, _: Request) -> Response:
        store = self._server.store
        removed = [
            {"name": to_text(owner), "type": type_to_text(rrtype)} for owner, rrtype in store.removed()
        ]
        return JSONResponse({"set": [_show(record) for record in store.records()], "removed": removed})

    async def _add(self, request: Request) -> Response:
        (record,) = _parse(await _body(request), several=False)
        self._server.store.add(record)
        return JSONResponse(_show(record), status_code=201)

    async def _replace(self, request: Request) -> Response:
        records = _parse(await _body(request), several=True)
        self._server.store.replace(records)
        return JSONResponse([_show(record) for record in records])

    async def _remove(self, request: Request) -> Response:
        name, rrtype = request.query_params.get("name"), request.query_params.get("type")
        if name is None and rrtype is None:
            self._server.store.reset()
            return Response(status_code=204)
        if name is None or rrtype is None:
            raise ValueError("name and type go together")
        if not self._server.store.remove(_name(name), type_from_text(rrtype)):
            return JSONResponse({"error": f"{name} has no {rrtype} records"}, status_code=404)
        return Response(status_code=204)

    async def _lies(self, _: Request) -> Response:
        known = {
            name: {"meaning": lie.meaning, "number": lie.number or None} for name, lie in lies.LIES.items()
        }
        told = {to_text(name): lie for name, lie in self._server.liar.told_of.items()}
        return JSONResponse({"known": known, "names": told})

    async def _lie(self, request: Request) -> Response:
        body = await _body(request)
        name = _name(_text(body, "name"))
        self._server.liar.put(name.lower(), _text(body, "lie"))
        self._server.changed()
        return JSONResponse({to_text(name): self._server.liar.told_of[name.lower()]})

    async def _be_honest(self, request: Request) -> Response:
        told = self._server.liar.told_of
        name = request.query_params.get("name")
        if name is None:
            told.clear()
        elif told.pop(_name(name).lower(), None) is None:
            return JSONResponse({"error": f"{name} is under no lie"}, status_code=404)
        self._server.changed()
        return Response(status_code=204)


def _guarded(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Turn what a request has wrong into 400 with the reason."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except (DNSServiceError, ValueError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return guarded


async def _body(request: Request) -> dict[str, Any]:
    octets = bytearray()
    async for chunk in request.stream():
        octets += chunk
        if len(octets) > LARGEST_BODY:
            raise ValueError(f"a body over {LARGEST_BODY} octets")
    body = json.loads(octets)
    if not isinstance(body, dict):
        raise ValueError("the body is no JSON object")
    return body


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{key} is no string")
    return value


def _name(text: str) -> bytes:
    """Read a name; without a final dot it is relative to the yard's domain, unless it ends with it."""
    if not text.endswith(".") and text.lower().endswith("wireyard.test"):
        text += "."
    return from_text(text, yard.DOMAIN)


def _parse(body: dict[str, Any], *, several: bool) -> list[Record]:
    owner, rrtype = _name(_text(body, "name")), type_from_text(_text(body, "type"))
    if is_meta(rrtype):
        raise ValueError(f"{body['type']} cannot stand in a zone")
    ttl = body.get("ttl", DEFAULT_TTL)
    if not isinstance(ttl, int) or isinstance(ttl, bool) or not 0 <= ttl <= MAX_TTL:
        raise ValueError(f"ttl is no whole number of 0 to {MAX_TTL}")
    data = body.get("data") if several else [_text(body, "data")]
    if not isinstance(data, list) or not data or not all(isinstance(item, str) for item in data):
        raise ValueError("data is no list of strings with at least one")
    return [_record(owner, rrtype, ttl, text) for text in data]


def _record(owner: bytes, rrtype: int, ttl: int, text: str) -> Record:
    entries = list(lines(f"- {text}", WHERE))
    if len(entries) != 1:
        raise ValueError("data is one line of words")
    return Record(
        owner, ttl, rrtype, rdata.from_words(rrtype, entries[0].words[1:], yard.DOMAIN), WHERE, text
    )


def _show(record: Record) -> dict[str, object]:
    return {
        "name": to_text(record.owner),
        "type": type_to_text(record.rrtype),
        "ttl": record.ttl,
        "data": record.text or f"\\# {len(record.rdata.wire)} {record.rdata.wire.hex()}",
    }
