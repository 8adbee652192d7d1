"""Which implementation fills each role: override files, remembered in `.env` as COMPOSE_FILE.

Plain `docker compose` reads the same variable, so it sees the same yard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values, set_key, unset_key

from lab import compose_file
from lab.errors import SwapError
from lab.topology import PROJECT, ROLES

REFERENCE = "reference"
_BASE = "compose.yaml"
_VARIABLE = "COMPOSE_FILE"


@dataclass(frozen=True, slots=True)
class Selection:
    """The Compose files in use, in order, relative to the project; the first is the yard itself."""

    files: tuple[str, ...]
    directory: Path = PROJECT

    @classmethod
    def read(cls, environ: Mapping[str, str], directory: Path = PROJECT) -> Selection:
        """What `.env` remembers. Raises SwapError where the environment overrides it."""
        if _VARIABLE in environ:
            raise SwapError(
                f"{_VARIABLE} is set in the environment; unset it, so that .env can remember swaps"
            )
        chosen = dotenv_values(directory / ".env").get(_VARIABLE) or _BASE
        return cls(tuple(chosen.split(":")), directory)

    def write(self) -> None:
        """Remembers the selection; an untouched yard leaves no trace in `.env`."""
        file = self.directory / ".env"
        if self.files != (_BASE,):
            set_key(file, _VARIABLE, ":".join(self.files), quote_mode="never")
        elif file.exists():
            unset_key(file, _VARIABLE)
            if not file.read_text(encoding="utf-8").strip():
                file.unlink()

    def with_swap(self, role: str, file: str | None) -> Selection:
        """The selection with `file` in `role`, or with our own implementation for None."""
        kept = [name for name in self.files if name == self.files[0] or role not in self._roles(name)]
        return Selection((*kept, file) if file else tuple(kept), self.directory)

    def file(self, role: str) -> str | None:
        """The file that fills `role`, or None for our own implementation."""
        return next((name for name in reversed(self.files[1:]) if role in self._roles(name)), None)

    def paths(self) -> tuple[Path, ...]:
        """The files, absolute."""
        return tuple(self.directory / name for name in self.files)

    def _roles(self, name: str) -> set[str]:
        return set(compose_file.service_names(self.directory / name)) & set(ROLES)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The swaps that come with the yard: services/*/swaps/ROLE.IMPLEMENTATION.yaml."""

    directory: Path = PROJECT

    def implementations(self, role: str) -> Mapping[str, str]:
        """Implementation to file, relative to the project; our own has none."""
        return dict(self._found(role))

    def file(self, role: str, implementation: str) -> str:
        """The file of one implementation. Raises SwapError that lists what there is."""
        found = self.implementations(role)
        if implementation not in found:
            known = ", ".join([REFERENCE, *found])
            raise SwapError(f"there is no {implementation!r} for {role}; there are {known}, or ./FILE.yaml")
        return found[implementation]

    def _found(self, role: str) -> Iterator[tuple[str, str]]:
        for file in sorted(self.directory.glob(f"services/*/swaps/{role}.*.yaml")):
            implementation = file.name.removeprefix(f"{role}.").removesuffix(".yaml")
            yield implementation, str(file.relative_to(self.directory))
