"""The folder where a running yard keeps what it needs: `.wireyard/`, or WIREYARD_STATE.

certs/             the certificates of the embedded yard, or a copy of the containers' CA
logs/              one file a service (embedded)
results/           what the last `make test` wrote; stays when the yard goes down
supervisord.conf   the embedded yard, as its supervisor sees it
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab import compose_file
from lab.topology import PROJECT

# A Unix socket's path is at most 107 bytes long on Linux; unix(7).
_LONGEST_SOCKET = 107


@dataclass(frozen=True, slots=True)
class StateDirectory:
    """Paths below one state folder; nothing is made before it is written to."""

    root: Path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> StateDirectory:
        """The folder that `environ` names, relative to the project."""
        return cls((PROJECT / environ.get("WIREYARD_STATE", ".wireyard")).absolute())

    @classmethod
    def here(cls) -> StateDirectory:
        """The folder of this project's yard, as the environment and `.env` have it."""
        return cls.of(compose_file.environment(PROJECT, os.environ))

    @property
    def certs(self) -> Path:
        """The certificates; one folder a service, and `ca/ca.pem`."""
        return self.root / "certs"

    @property
    def ca(self) -> Path:
        """What clients trust."""
        return self.certs / "ca" / "ca.pem"

    @property
    def ca_typed(self) -> Path:
        """The same as a person in the project's folder would type it."""
        return self.ca.relative_to(PROJECT) if self.ca.is_relative_to(PROJECT) else self.ca

    @property
    def logs(self) -> Path:
        """One file a service."""
        return self.root / "logs"

    @property
    def results(self) -> Path:
        """What test runs wrote."""
        return self.root / "results"

    @property
    def outcomes(self) -> Path:
        """What became of each test of the last run."""
        return self.results / "suite.json"

    @property
    def shown(self) -> Path:
        """What the console is handed."""
        return self.root / "shown"

    @property
    def failures(self) -> Path:
        """What the failed tests of the last run left: a folder each, with logs, journals and packets."""
        return self.results / "failures"

    @property
    def supervisor_config(self) -> Path:
        """The supervisor's configuration; there exactly while the embedded yard is up."""
        return self.root / "supervisord.conf"

    @property
    def supervisor_socket(self) -> Path:
        """The supervisor's socket; in the temporary folder where this one's path is too long for a socket."""
        path = self.root / "supervisor.sock"
        if len(os.fsencode(path)) <= _LONGEST_SOCKET:
            return path
        digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"wireyard-{digest}.sock"

    def clear(self) -> None:
        """Removes what a running yard left, and the folder itself once it is empty."""
        for folder in (self.certs, self.logs, self.shown):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.supervisor_config, self.supervisor_socket, self.root / "supervisord.log"):
            file.unlink(missing_ok=True)
        if self.root.is_dir() and not any(self.root.iterdir()):
            self.root.rmdir()
