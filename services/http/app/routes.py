"""Every route of the HTTP roles, in one table; each topic's rows stand in its module."""

from __future__ import annotations

from services.http.app import (
    auth,
    coded,
    cookies,
    core,
    documents,
    doh,
    fields,
    index,
    methods,
    pki,
    redirects,
    reflect,
    samples,
    sessions,
    statuses,
    streams,
    tls,
    todos,
    tunnels,
    url,
    websocket,
    wire,
)
from services.http.app.routing import Route, Router

ANY = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")

TABLE: tuple[Route, ...] = (
    Route(("GET",), "/todos", todos.by_query, "A person's list, by `name` in the query", "todos"),
    Route(
        ("POST",),
        "/todos",
        todos.by_body,
        'A person\'s list, by `{"name": …}` in the body',
        "todos",
        takes=todos.TAKES,
    ),
    Route(ANY, "/echo", core.echo, "Method, target, fields and body as received", "echo"),
    *reflect.ROUTES,
    *auth.ROUTES,
    *cookies.ROUTES,
    *redirects.ROUTES,
    *statuses.ROUTES,
    *fields.ROUTES,
    *coded.ROUTES,
    *documents.ROUTES,
    *streams.ROUTES,
    *samples.ROUTES,
    *methods.ROUTES,
    *tunnels.ROUTES,
    *websocket.ROUTES,
    *wire.ROUTES,
    *doh.ROUTES,
    *url.ROUTES,
    *sessions.ROUTES,
    *tls.ROUTES,
    *pki.ROUTES,
)

ROUTES = (*index.routes(TABLE), *TABLE)
ROUTER = Router((*ROUTES, *websocket.EXTENDED, *methods.WHOLE_SERVER, *tunnels.TUNNELS))
