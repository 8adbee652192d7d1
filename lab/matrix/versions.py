"""The versions of what stands in a role, asked where it runs."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from lab.runner import Runner
from lab.selection import REFERENCE
from lab.topology import PROJECT, Service

_REQUIRES = "wireyard.requires."
_DISTRIBUTION = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


def versions(runner: Runner, service: Service) -> Mapping[str, str]:
    """The Debian packages that the swap's labels name, or the Python distribution of its own name."""
    named = (text.split() for name, text in service.labels.items() if name.startswith(_REQUIRES))
    packages = [package for packages in named for package in packages]
    if packages:
        return {package: _debian(runner, service, package) for package in packages}
    if service.implementation == REFERENCE:
        return {"wireyard": commit()}
    asked = runner.backend.ask(service.name, ["python3", "-c", _DISTRIBUTION, service.implementation])
    return {service.implementation: _last(asked)}


def commit() -> str:
    """The project's own state, as git names it; `unknown` outside a clone."""
    words = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _debian(runner: Runner, service: Service, package: str) -> str:
    asked = runner.backend.ask(service.name, ["dpkg-query", "--show", "--showformat=${Version}", package])
    return _last(asked)


def _last(text: str) -> str:
    """The last line, unless it is a complaint."""
    line = (text.strip().splitlines() or [""])[-1]
    return line if line[:1].isdigit() else "unknown"
