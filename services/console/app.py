"""The console's ASGI app: the page, and the JSON it lives on.

GET  /                       the page
GET  /api/yard               the topology, the actions, the hub's states
GET  /api/events             server-sent batches, see Hub.batches
GET  /api/ladder             `role=`, and `peer=` or `connection=`: one connection from both sides
GET  /api/results            who fills each role, and the last suite run and matrix, where there are any
GET  /matrix                 the interop matrix as its own page
GET  /api/actions/{name}     what a person would type for it, with the values of the query
POST /api/actions/{name}     runs one of the yard's own clients
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from clients.trace import Trace
from services.console.actions import Action, Yard
from services.console.errors import NoJournal, UnknownAction
from services.console.hub import Hub
from services.console.journals import Journals
from services.console.ladder import Traces, rungs
from services.console.security import ALONE, Guard
from services.console.settings import ConsoleSettings
from services.console.yard import describe

STATIC = Path(__file__).parent / "static"
RESULTS = ("yard.json", "suite.json", "matrix.json")
MATRIX = "matrix.html"
LONGEST_BODY = 64 * 1024
PATIENCE = 10.0


class Console:
    """The app with what it holds: hub, journals, traces."""

    def __init__(
        self,
        settings: ConsoleSettings,
        yard: Yard,
        hub: Hub,
        journals: Journals,
        catalogue: Mapping[str, Action],
    ) -> None:
        self._settings, self._yard, self._hub, self._journals = settings, yard, hub, journals
        self._catalogue = catalogue
        self._traces = Traces()
        routes = [
            Route("/", self._page),
            Route("/api/yard", self._describe),
            Route("/api/events", self._events),
            Route("/api/ladder", self._ladder),
            Route("/api/results", self._results),
            Route("/matrix", self._matrix),
            Route("/api/actions/{name}", self._typed, methods=["GET"]),
            Route("/api/actions/{name}", self._act, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        guard = Middleware(Guard, hosts=settings.hosts)
        self.app = Starlette(routes=routes, middleware=[guard])

    async def _page(self, _request: Request) -> Response:
        return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")

    async def _describe(self, _request: Request) -> Response:
        drawn = describe(self._yard.topology, self._journals.roles)
        actions = [action.describe() for action in self._catalogue.values()]
        return JSONResponse(drawn | {"actions": actions, "states": list(self._hub.states.values())})

    async def _events(self, _request: Request) -> Response:
        return StreamingResponse(_sent_events(self._hub), media_type="text/event-stream")

    async def _ladder(self, request: Request) -> Response:
        query = {
            name: request.query_params[name]
            for name in ("peer", "connection")
            if name in request.query_params
        }
        if len(query) != 1:
            raise HTTPException(400, "peer= or connection= is needed, and only one of them")
        peer = query.get("peer", "")
        try:
            events = await self._journals.connection(request.query_params.get("role", ""), query)
        except NoJournal as error:
            if not self._traces.of(peer):
                raise HTTPException(404, str(error)) from error
            events = []  # another implementation owes no journal: there is the client's side at least
        peer = next((event["peer"] for event in events if event["peer"]), peer)
        return JSONResponse({"peer": peer, "rungs": rungs(events, self._traces.of(peer))})

    async def _results(self, _request: Request) -> Response:
        folder = self._settings.results
        found = {name: folder / name for name in RESULTS} if folder else {}
        return JSONResponse({n: json.loads(p.read_text("utf-8")) for n, p in found.items() if p.is_file()})

    async def _matrix(self, _request: Request) -> Response:
        file = self._settings.results / MATRIX if self._settings.results else None
        if file is None or not file.is_file():
            raise HTTPException(404, "there is no matrix yet; `make matrix` writes it")
        return FileResponse(
            file, media_type="text/html; charset=utf-8", headers={"content-security-policy": ALONE}
        )

    def _action(self, request: Request) -> Action:
        action = self._catalogue.get(request.path_params["name"])
        if action is None:
            raise HTTPException(404, "there is no such action")
        return action

    async def _typed(self, request: Request) -> Response:
        action = self._action(request)
        try:
            return PlainTextResponse(action.typed(self._yard, action.values(request.query_params)))
        except UnknownAction as error:
            raise HTTPException(400, str(error)) from error

    async def _act(self, request: Request) -> Response:
        action = self._action(request)
        trace = Trace()
        try:
            values = action.values(await _json_object(request))
            async with asyncio.timeout(PATIENCE):
                answer, failed = await action.run(self._yard, trace, values), False
        except UnknownAction as error:
            raise HTTPException(400, str(error)) from error
        except Exception as error:  # noqa: BLE001 - whatever a client raises is what the page came to see
            answer, failed = f"{type(error).__name__}: {error}", True
        self._traces.keep(trace.steps)
        return JSONResponse(
            {
                "answer": answer,
                "failed": failed,
                "role": action.asked(values),
                "peers": sorted({step.local for step in trace.steps if step.local}),
                "rungs": rungs([], trace.steps),
            }
        )


async def _json_object(request: Request) -> dict[str, object]:
    if int(request.headers.get("content-length", LONGEST_BODY + 1)) > LONGEST_BODY:
        raise UnknownAction(f"the body is larger than {LONGEST_BODY} bytes, or of unknown length")
    try:
        value = json.loads(await request.body())
    except ValueError as error:
        raise UnknownAction(f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise UnknownAction("the body is not a JSON object")
    return value


async def _sent_events(hub: Hub) -> AsyncIterator[str]:
    async for batch in hub.batches():
        yield f"data: {json.dumps(batch, ensure_ascii=False)}\n\n"
