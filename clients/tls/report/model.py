"""The words of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from certs.zoo import Case, Verdict


@dataclass(frozen=True)
class Site:
    """The service whose zoo is visited: where it is, its own name, and the authority to trust."""

    address: str
    port: int
    authority: str
    ca: Path

    def name(self, case: Case) -> str:
        """The server name of a case."""
        return case.server_name(self.authority)


@dataclass(frozen=True)
class Answer:
    """What one client said to one case; `words` are its own, one line."""

    accepted: bool
    words: str = ""

    def wrong(self, case: Case) -> bool:
        """Whether a correct client would have said something else."""
        if case.verdict is Verdict.REFUSE_IF_CHECKED:
            return False
        return self.accepted is not (case.verdict is Verdict.ACCEPT)


class Client(Protocol):
    """A TLS client under judgement."""

    @property
    def name(self) -> str:
        """What it is called in the table."""
        ...

    def version(self) -> str | None:
        """Its version; None when it is not installed here."""
        ...

    def judge(self, site: Site, cases: Sequence[Case]) -> list[Answer]:
        """Its answer to each case, in order."""
        ...
