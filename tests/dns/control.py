"""The control port of the name server, for what only the reference offers."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

from lab.topology import Endpoint


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON body of an answer; None for an empty body."""

    status: int
    body: Any


class Control:
    """One control port."""

    def __init__(self, where: Endpoint) -> None:
        self._where = where

    def send(self, method: str, target: str, body: object = None) -> Answer:
        """One request; blocking."""
        connection = http.client.HTTPConnection(self._where.address, self._where.port, timeout=5)
        try:
            connection.request(method, target, json.dumps(body) if body is not None else None)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        is_json = (answer.getheader("content-type") or "").startswith("application/json")
        return Answer(answer.status, json.loads(text) if is_json else text or None)
