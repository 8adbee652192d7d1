"""A service's settings: one frozen dataclass, filled from WIREYARD_* variables.

A subclass of Settings adds its fields; the variable of a field is its name in capitals behind the prefix.
Understood types: str, int, float, bool, Path, tuple[str, ...], and any of them `| None`.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from services.kit.errors import SettingsError

PREFIX = "WIREYARD_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What every reference service is told.

    `address` holds the addresses to listen on, `*` being every interface in both families. `port` 0 lets
    the kernel choose. `stop_within` and all other durations are seconds. `certs_check` is how often renewed
    certificates are looked for, `ticket_keys` how often the keys of session tickets change; 0 means never.
    """

    role: str
    port: int
    address: tuple[str, ...] = ("*",)
    control_port: int | None = None
    view: str = "network"
    certs: Path | None = None
    ca: Path | None = None
    stop_within: float = 4.0
    certs_check: float = 60.0
    ticket_keys: float = 14_400.0
    journal: bool = True


S = TypeVar("S", bound=Settings)


def load(kind: type[S], environ: Mapping[str, str]) -> S:
    """A `kind` filled from `environ`. Raises SettingsError naming the first variable that is wrong."""
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        variable = PREFIX + field.name.upper()
        text = environ.get(variable)
        if text is None:
            _require_default(field, variable)
        else:
            values[field.name] = _parse(variable, text, hints[field.name])
    return kind(**values)


def _require_default(field: dataclasses.Field[Any], variable: str) -> None:
    if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
        raise SettingsError(variable, "is not set and has no default")


def _parse(variable: str, text: str, hint: Any) -> object:
    if isinstance(hint, types.UnionType):
        hint = next(part for part in get_args(hint) if part is not type(None))
    try:
        return _PARSERS[hint](text)
    except ValueError as error:
        raise SettingsError(variable, str(error)) from error


def _integer(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if not 0 <= value < float("inf"):
        raise ValueError(f"{text!r} is not a finite number of zero or more")
    return value


def _flag(text: str) -> bool:
    known = {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False}
    if text.lower() not in known:
        raise ValueError(f"{text!r} is none of {', '.join(known)}")
    return known[text.lower()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in (part.strip() for part in text.split(",")) if word)


_PARSERS: dict[Any, Callable[[str], object]] = {
    str: str,
    int: _integer,
    float: _number,
    bool: _flag,
    Path: Path,
    tuple[str, ...]: _words,
}
