"""What may be done to a running service's TLS, on its control port.

POST   /tls/ticket-keys    new keys for session tickets: what was handed out before is no longer accepted
PUT    /tls/names/{name}   serve one more name, with the key and chain (PEM) in the body
DELETE /tls/names/{name}   serve it no longer
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.http.reference.secure.names import Names
from services.kit import openssl
from services.kit.journal import Journal

LARGEST = 256 * 1024


class TlsControl:
    """The routes; `names` gives the contexts once the service has them."""

    def __init__(self, names: Callable[[], Names], journal: Journal) -> None:
        self._names, self._journal = names, journal

    def routes(self) -> list[BaseRoute]:
        """For the control port."""
        return [
            Route("/tls/ticket-keys", self._rotate, methods=["POST"]),
            Route("/tls/names/{name}", self._put, methods=["PUT"]),
            Route("/tls/names/{name}", self._delete, methods=["DELETE"]),
        ]

    async def _rotate(self, _request: Request) -> Response:
        if why := openssl.unavailable():
            return JSONResponse({"error": why}, status_code=501)
        self._names().rotate_ticket_keys()
        self._journal.emit("ticketKeys")
        return Response(status_code=204)

    async def _put(self, request: Request) -> Response:
        name, pem = request.path_params["name"], await request.body()
        if len(pem) > LARGEST:
            return JSONResponse({"error": f"more than {LARGEST} bytes"}, status_code=413)
        try:
            self._serve(name, pem)
        except (ssl.SSLError, ValueError) as error:
            return JSONResponse({"error": f"no key and chain in PEM: {error}"}, status_code=400)
        self._journal.emit("addContext", None, None, {"servername": name})
        return Response(status_code=201)

    def _serve(self, name: str, pem: bytes) -> None:
        """OpenSSL reads from files alone; this one is gone as soon as it has been read."""
        with tempfile.TemporaryDirectory(prefix="wireyard-") as folder:
            file = Path(folder) / "pair.pem"
            file.touch(0o600)
            file.write_bytes(pem)
            self._names().add(name, file, file)

    async def _delete(self, request: Request) -> Response:
        found = self._names().remove(request.path_params["name"])
        return Response(status_code=204 if found else 404)
