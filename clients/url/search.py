"""URLSearchParams: the pairs of a query, and its methods (URL standard, 5 and 6.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import methodcaller
from urllib.parse import unquote

import ada_url

from clients.url.parts import Parts, URLError, change, well_formed


class SearchParams:
    """The methods of URLSearchParams over one query string (URL standard, 6.2)."""

    def __init__(self, text: str = "") -> None:
        self._params = ada_url.URLSearchParams("")
        for name, value in _pairs(text.removeprefix("?")):
            self._params.append(name, value)

    def append(self, name: str, value: str) -> None:
        """Add a pair at the end."""
        self._params.append(name, value)

    def delete(self, name: str, value: str | None = None) -> None:
        """Remove every pair of this name, or only those with this value."""
        self._params.delete(name, value)

    def get(self, name: str) -> str | None:
        """Return the first value of a name."""
        return str(self._params.get(name)) if self._params.has(name) else None

    def get_all(self, name: str) -> list[str]:
        """Return every value of a name."""
        return [str(value) for value in self._params.get_all(name)]

    def has(self, name: str, value: str | None = None) -> bool:
        """Tell whether there is a pair of this name, and of this value if one is given."""
        return bool(self._params.has(name, value))

    def set(self, name: str, value: str) -> None:
        """Give the first pair of this name the value and remove the others."""
        self._params.set(name, value)

    def sort(self) -> None:
        """Sort by name in UTF-16 code units, keeping the order of equals."""
        methodcaller("sort")(self._params)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((str(name), str(value)) for name, value in self._params.items())

    def __len__(self) -> int:
        return int(self._params.size)

    def __str__(self) -> str:
        return str(self._params)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a query (URL standard, 5.1): ada reads no octets that are not UTF-8."""
    for piece in filter(None, well_formed(text).replace("+", " ").split("&")):
        name, _, value = piece.partition("=")
        yield unquote(name, errors="replace"), unquote(value, errors="replace")


# Methods of URLSearchParams after which a URL's search is written anew.
_CHANGING = ("append", "delete", "set", "sort")


def edited(parts: Parts, steps: Sequence[tuple[str, Sequence[str]]]) -> tuple[Parts, list[object]]:
    """Apply methods of URLSearchParams to a URL's search in order; return the URL then, and what each gave.

    Raises:
        URLError: no such method, or the wrong number of arguments.
    """
    params = SearchParams(parts.search)
    results = [_step(params, method, arguments) for method, arguments in steps]
    if any(method in _CHANGING for method, _ in steps):
        parts = change(parts.href, [("search", str(params))])
    return parts, results


def _step(params: SearchParams, method: str, arguments: Sequence[str]) -> object:
    known: Mapping[str, Callable[..., object]] = {
        "append": params.append,
        "delete": params.delete,
        "get": params.get,
        "getAll": params.get_all,
        "has": params.has,
        "set": params.set,
        "sort": params.sort,
        "keys": lambda: [name for name, _ in params],
        "values": lambda: [value for _, value in params],
        "entries": lambda: list(params),
        "size": lambda: len(params),
        "toString": lambda: str(params),
    }
    try:
        return known[method](*map(well_formed, arguments))
    except (KeyError, TypeError) as error:
        step = ",".join([method, *arguments])
        raise URLError("ERR_INVALID_ARG_VALUE", f"{step!r} is no METHOD,ARGUMENT…") from error
