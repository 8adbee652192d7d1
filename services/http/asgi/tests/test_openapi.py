"""The OpenAPI document against the application: schemathesis asks by it, and judges the answers."""

from __future__ import annotations

from typing import Any

import hypothesis
import schemathesis
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.http.app.exchange import Server
from services.http.app.routes import ROUTES
from services.http.app.routing import METHODS
from services.http.asgi.application import Application
from services.kit.journal import Journal

JUDGED = (content_type_conformance, response_schema_conformance, status_code_conformance)
# Routes whose answers are on purpose late, endless or broken, or need more than ASGI.
LEFT_OUT = r"^/(wire|delay|drip|sse|download|stream-bytes|interim|upgrade|websocket)"

_KNOWN = {"application/json", "application/octet-stream", "application/x-www-form-urlencoded"}
# Binary media types that schemathesis has no words for.
for media in {
    media for route in ROUTES for media in route.takes if media.startswith("application/")
} - _KNOWN:
    schemathesis.serializer.alias(media, "application/octet-stream")

app = Application(Server("http1", "http1.wireyard.test", "asgi", Journal("http1")))
schema = schemathesis.openapi.from_asgi("/openapi.json", app).exclude(path_regex=LEFT_OUT)


@schema.parametrize()
@hypothesis.settings(max_examples=3, deadline=None, derandomize=True, database=None)
def test_every_route_keeps_to_its_document(case: schemathesis.Case[Any]) -> None:
    if case.method in METHODS:
        case.call_and_validate(checks=list(JUDGED))
    else:
        assert case.call().status_code == 501
