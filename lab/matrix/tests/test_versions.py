"""lab/matrix/versions.py: what is said of the program that was judged."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from lab.matrix.versions import versions

KNOWN = {"nginx-light": "1.26.3-3", "libnginx-mod-http-js": "0.8.9-1"}


def _versions(**labels: str) -> dict[str, str]:
    def ask(_service: str, words: Sequence[str]) -> str:
        return KNOWN.get(words[-1], f"dpkg-query: no packages found matching {words[-1]}")

    runner: Any = SimpleNamespace(backend=SimpleNamespace(ask=ask))
    named = {f"wireyard.requires.{name}": packages for name, packages in labels.items()}
    service: Any = SimpleNamespace(name="http1", implementation="nginx", labels=named)
    return dict(versions(runner, service))


def test_every_package_that_a_program_takes_has_its_version() -> None:
    assert _versions(nginx="nginx-light libnginx-mod-http-js") == KNOWN


def test_a_package_that_is_not_installed_is_of_unknown_version() -> None:
    assert _versions(nginx="nginx-core") == {"nginx-core": "unknown"}
