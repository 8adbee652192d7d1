"""Every route of the HTTP roles, in one table."""

from __future__ import annotations

from services.http.app import core, todos
from services.http.app.routing import Route, Router

ANY = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")

ROUTES: tuple[Route, ...] = (
    Route(("GET",), "/", core.describe, "Who answers, and how you reached it"),
    Route(("GET",), "/todos", todos.by_query, "A person's list, by `name` in the query"),
    Route(("POST",), "/todos", todos.by_body, 'A person\'s list, by `{"name": …}` in the body'),
    Route(ANY, "/echo", core.echo, "Method, target, fields and body as received"),
)

ROUTER = Router(ROUTES)
