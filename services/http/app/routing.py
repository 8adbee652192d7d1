"""The table of routes, and the way from a request to the handler that answers it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import iscoroutinefunction
from typing import Any, cast

from services.http.app.content import OfContent
from services.http.app.errors import ClientGone, Refused
from services.http.app.exchange import Exchange
from services.http.app.inputs import Input
from services.http.app.message import Request, Response, problem

Immediate = Callable[[Request], Response]
Full = Callable[[Exchange], Awaitable[Response | None]]
Shortcut = Callable[[Request, Mapping[str, str]], Immediate | None]
"""Of a request and the variables in its path."""

# Methods that RFC 9110 9 and RFC 5789 define; any other is 501 (RFC 9110 15.6.2).
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")

# The path of a route that answers its methods wherever no other does.
EVERYWHERE = "**"


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table.

    `path` may hold variables, `/status/{codes}`; a trailing `{rest*}` takes slashes too. `handler` is either
    immediate (a function of the request, answered from its head alone), of the content (OfContent) or full (a
    coroutine function of the exchange). `shortcut` tells of one request, not HEAD, to a full handler what
    answers it from its head alone after all, if anything does. GET implies HEAD. `feature` is the name in
    CONTRACT.md of what the route needs.

    The rest is its documentation: what it reads, the statuses it gives beside 4xx for bad input (empty: any),
    and the media types of its answer and of the content it takes.
    """

    methods: tuple[str, ...]
    path: str
    handler: Immediate | Full
    summary: str
    feature: str
    inputs: tuple[Input[Any], ...] = ()
    statuses: tuple[int, ...] = (200,)
    media: tuple[str, ...] = ("application/json",)
    takes: tuple[str, ...] = ()
    shortcut: Shortcut | None = None

    @property
    def immediate(self) -> Immediate | None:
        """The handler, when the head alone is enough to answer."""
        if iscoroutinefunction(self.handler) or isinstance(self.handler, OfContent):
            return None
        return cast("Immediate", self.handler)


@dataclass(frozen=True, slots=True)
class Match:
    """The route that answers a request, and the variables in its path."""

    route: Route
    immediate: Immediate | None
    parameters: Mapping[str, str]

    def at_once(self, request: Request) -> Immediate | None:
        """What answers `request`, which is no HEAD, from its head alone."""
        if self.immediate is None and self.route.shortcut is not None:
            return self.route.shortcut(request, self.parameters)
        return self.immediate

    @property
    def of_content(self) -> OfContent | None:
        """The handler, when the head and the content are enough to answer."""
        return self.route.handler if isinstance(self.route.handler, OfContent) else None


class Router:
    """Finds routes: exact paths by dictionary, paths with variables in the order of the table."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = tuple(routes)
        self._exact: dict[str, dict[str, Match]] = {}
        self._patterns: list[tuple[re.Pattern[str], dict[str, Match]]] = []
        self._everywhere: dict[str, Match] = self._exact.setdefault(EVERYWHERE, {})
        for route in self.routes:
            self._add(route)

    def match(self, method: str, path: str) -> Match | Response:
        """The match, or the error response: 404, 405 with Allow, 501 (RFC 9110 15.5.5, 15.5.6, 15.6.2)."""
        if method not in METHODS:
            return problem(501, f"the method {method} is not implemented")
        methods, parameters = self._methods(path)
        if method in self._everywhere and method not in (methods or ()):
            return self._everywhere[method]
        if methods is None:
            return problem(404, f"there is nothing at {path}")
        found = methods.get(method)
        if found is None:
            return _others(method, path, ", ".join(sorted({*methods, "OPTIONS"})))
        return Match(found.route, found.immediate, parameters) if parameters else found

    def _methods(self, path: str) -> tuple[dict[str, Match] | None, dict[str, str]]:
        exact = self._exact.get(path)
        if exact is not None:
            return exact, {}
        for pattern, methods in self._patterns:
            found = pattern.fullmatch(path)
            if found:
                return methods, found.groupdict()
        return None, {}

    def _add(self, route: Route) -> None:
        methods = self._slot(route.path)
        for method in (*route.methods, *(("HEAD",) if "GET" in route.methods else ())):
            methods.setdefault(method, Match(route, route.immediate, {}))

    def _slot(self, path: str) -> dict[str, Match]:
        if "{" not in path:
            return self._exact.setdefault(path, {})
        pattern = _pattern(path)
        for known, methods in self._patterns:
            if known == pattern:
                return methods
        self._patterns.append((pattern, {}))
        return self._patterns[-1][1]


def _others(method: str, path: str, allow: str) -> Response:
    """The answer to a method that the resource has no handler for (RFC 9110 9.3.7, 15.5.6)."""
    fields = ((b"allow", allow.encode()),)
    return Response(200, fields) if method == "OPTIONS" else problem(405, f"{path} allows {allow}", fields)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{\w+\*?\})", path)
    return re.compile("".join(_group(part) if part[:1] == "{" else re.escape(part) for part in parts))


def _group(variable: str) -> str:
    name = variable.strip("{}")
    return f"(?P<{name[:-1]}>.*)" if name.endswith("*") else f"(?P<{name}>[^/]+)"


async def answer(match: Match, exchange: Exchange) -> None:
    """Runs the matched handler to its end; its refusals and failures become responses.

    ClientGone passes: the engine knows what to do with the connection.
    """
    try:
        response = await _call(match, exchange)
    except Refused as refused:
        response = problem(refused.status, refused.problem, refused.fields)
    except ClientGone:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a handler raises costs its own exchange only
        exchange.server.journal.emit("error", exchange.connection, exchange.stream, {"error": repr(error)})
        response = problem(500, "the handler failed")
    if response is not None:
        await exchange.respond(response)


async def _call(match: Match, exchange: Exchange) -> Response | None:
    if match.immediate is not None:
        return match.immediate(exchange.request)
    return await cast("Full", match.route.handler)(exchange)
