"""The TLS secrets of services, which they write only when asked and only for a while."""

from __future__ import annotations

from contextlib import suppress

import httpx

from lab.errors import CaptureError, TopologyError
from lab.topology import Service, View

LONGEST = 600
"""Seconds that a service keeps a key log at most."""


class KeyLog:
    """The key log of a service that keeps one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.Client(trust_env=False, timeout=5)

    @classmethod
    def of(cls, service: Service) -> KeyLog | None:
        """None for a service without TLS, or without a control port."""
        try:
            endpoint = service.endpoint(View.HOST, "control")
        except TopologyError:
            return None
        if "WIREYARD_CERTS" not in service.environment:
            return None
        return cls(f"http://{endpoint.address}:{endpoint.port}/keylog")

    def start(self, seconds: int) -> None:
        """A new, empty log for `seconds`. Raises CaptureError when the service does not take it."""
        try:
            self._client.put(self._url, params={"seconds": str(seconds)}).raise_for_status()
        except httpx.HTTPError as error:
            raise CaptureError(f"the key log at {self._url} cannot be started: {error}") from error

    def text(self) -> str:
        """The secrets; raises CaptureError when the service has gone, or its log has ended."""
        try:
            return self._client.get(self._url).raise_for_status().text
        except httpx.HTTPError as error:
            raise CaptureError(f"the key log at {self._url} cannot be read: {error}") from error

    def stop(self) -> None:
        """Ends it; a service that has gone took it along."""
        with suppress(httpx.HTTPError):
            self._client.delete(self._url)
        self._client.close()
