"""A service's journal, as the demo reads it from the host."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import httpx

from lab.errors import LabError
from lab.topology import Endpoint

# Seconds to wait for the last event that a scene promises; the other side may be a moment behind.
PATIENCE = 2.0


class Journal:
    """One role's events, over its control port."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._url = f"http://{endpoint.address}:{endpoint.port}/events"

    def last(self) -> int:
        """The number of the newest event. Raises LabError."""
        return int(self._get({"event": "-"}).headers.get("wireyard-last", "0"))

    def since(self, number: int, wanted: Sequence[str]) -> tuple[Mapping[str, object], ...]:
        """The events after `number`, once the last of `wanted` is among them or PATIENCE is over."""
        if wanted:
            self._get({"since": str(number), "event": wanted[-1], "wait": str(PATIENCE)})
        lines = self._get({"since": str(number)}).text.splitlines()
        return tuple(json.loads(line) for line in lines)

    def _get(self, query: Mapping[str, str]) -> httpx.Response:
        try:
            with httpx.Client(trust_env=False, timeout=PATIENCE + 3) as client:
                return client.get(self._url, params=dict(query)).raise_for_status()
        except httpx.HTTPError as error:
            raise LabError(f"the journal at {self._url} does not answer: {error}") from error
