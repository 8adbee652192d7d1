"""What keeps a foreign page out: the Host it names, the Origin it comes from, and a strict policy."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing inline, nothing from elsewhere: what the wire brought is text, even where escaping were forgotten.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A page that is one file runs what stands in it, in an origin of its own: it reaches nothing of this one.
ALONE = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
SAFE = frozenset({"GET", "HEAD"})


class Guard:
    """ASGI middleware: refuses foreign hosts (421) and foreign origins (403), and adds the policy."""

    def __init__(self, app: ASGIApp, hosts: Sequence[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refuse(str(scope["method"]), headers)
        app = PlainTextResponse(refused[1], refused[0]) if refused else self._app

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own = headers.get("content-security-policy", POLICY)
                headers.update(HEADERS | {"content-security-policy": own})
            await send(message)

        await app(scope, receive, guarded)

    def _refuse(self, method: str, headers: Headers) -> tuple[int, str] | None:
        """The status and the words, or None when the request may pass (RFC 9110 15.5.20, 15.5.4)."""
        host = headers.get("host", "")
        if host.rsplit(":", 1)[0] not in self._hosts:
            return 421, f"this page is not served as {host!r}\n"
        if method in SAFE:
            return None
        if headers.get("origin") != f"http://{host}":
            return 403, "only the page itself may act\n"
        return None
