"""What a route reads from its path and query: declared once, so that the check and the documentation agree.

An input's `of` gives the typed value of one exchange, or raises Refused (400) in words; its `schema` is the
JSON Schema of the same bounds, for the OpenAPI document.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from services.http.app.errors import Refused
from services.http.app.exchange import Exchange

T = TypeVar("T")
Schema = dict[str, object]

# The longest a route waits, and the largest content it takes or makes whole.
LONGEST, LARGEST = 10.0, 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Input(ABC, Generic[T]):
    """One variable of the path, or one parameter of the query; a query parameter with a default may lack."""

    name: str
    meaning: str
    where: Literal["path", "query"] = "query"
    default: T | None = None
    required: bool = False

    def of(self, exchange: Exchange) -> T:
        """The value in `exchange`. Raises Refused when it is missing or out of bounds."""
        text = self._text(exchange)
        if text is None:
            if self.required or self.default is None:
                raise Refused(400, f"the query lacks {self.name}")
            return self.default
        try:
            return self.parse(text)
        except ValueError as error:
            raise Refused(400, f"{self.name}={text[:80]!r}: {error}") from None

    @abstractmethod
    def parse(self, text: str) -> T:
        """The value of `text`. Raises ValueError in words."""

    @property
    @abstractmethod
    def schema(self) -> Schema:
        """The JSON Schema of what `parse` accepts."""

    @property
    @abstractmethod
    def example(self) -> str:
        """A value that `parse` accepts, for people to try; "" when there is none to be had."""

    def _text(self, exchange: Exchange) -> str | None:
        if self.where == "path":
            return exchange.parameters[self.name]
        return exchange.request.parameter(self.name)


@dataclass(frozen=True, kw_only=True)
class Whole(Input[int]):
    """A whole number from `low` to `high`."""

    low: int = 0
    high: int = LARGEST

    def parse(self, text: str) -> int:
        """See Input."""
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            raise ValueError("not a whole number")
        if not self.low <= int(text) <= self.high:
            raise ValueError(f"not between {self.low} and {self.high}")
        return int(text)

    @property
    def schema(self) -> Schema:
        """See Input."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}

    @property
    def example(self) -> str:
        """See Input."""
        return str(max(self.low, min(self.high, 3)))


@dataclass(frozen=True, kw_only=True)
class Number(Input[float]):
    """A decimal number from `low` to `high`."""

    low: float = 0.0
    high: float = 1.0

    def parse(self, text: str) -> float:
        """See Input."""
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{0,9})?|\.[0-9]{1,9}", text):
            raise ValueError("not a decimal number")
        if not self.low <= float(text) <= self.high:
            raise ValueError(f"not between {self.low:g} and {self.high:g}")
        return float(text)

    @property
    def schema(self) -> Schema:
        """See Input."""
        return {"type": "number", "minimum": self.low, "maximum": self.high, "multipleOf": 0.001}

    @property
    def example(self) -> str:
        """See Input."""
        return f"{self.high:g}"


_UNITS = {"": 1.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "m": 60.0}


@dataclass(frozen=True, kw_only=True)
class Seconds(Input[float]):
    """A time of at most LONGEST seconds: `1.5`, or with a unit as Go writes it, `1.5s`, `200ms`."""

    def parse(self, text: str) -> float:
        """See Input."""
        found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(s|ms|us|µs|ns|m)?", text)
        if not found:
            raise ValueError("not a number of seconds")
        seconds = float(found[1]) * _UNITS[found[2] or ""]
        if seconds > LONGEST:
            raise ValueError(f"longer than {LONGEST:g} seconds")
        return seconds

    @property
    def schema(self) -> Schema:
        """See Input."""
        return {
            "type": "string",
            "pattern": r"^([0-9](\.[0-9]{1,3})?|10)(s|ms)?$",
            "examples": ["0.1", "10ms"],
        }

    @property
    def example(self) -> str:
        """See Input."""
        return "0.1"


@dataclass(frozen=True, kw_only=True)
class Text(Input[str]):
    """Text of `shortest` to `longest` characters, matching `pattern` where there is one."""

    shortest: int = 1
    longest: int = 4096
    pattern: str | None = None
    examples: tuple[str, ...] = field(default=())

    def parse(self, text: str) -> str:
        """See Input."""
        if not self.shortest <= len(text) <= self.longest:
            raise ValueError(f"not {self.shortest} to {self.longest} characters long")
        if self.pattern is not None and not re.fullmatch(self.pattern, text, re.ASCII):
            raise ValueError(f"does not match {self.pattern}")
        return text

    @property
    def schema(self) -> Schema:
        """See Input."""
        schema: Schema = {"type": "string", "minLength": self.shortest, "maxLength": self.longest}
        if self.pattern is not None:
            schema["pattern"] = f"^(?:{self.pattern})$"
        return {**schema, "examples": list(self.examples)} if self.examples else schema

    @property
    def example(self) -> str:
        """See Input."""
        return self.examples[0] if self.examples else ""


@dataclass(frozen=True, kw_only=True)
class Choice(Input[str]):
    """One of a few words, in any letter case."""

    words: tuple[str, ...]

    def parse(self, text: str) -> str:
        """See Input."""
        if text.lower() not in self.words:
            raise ValueError(f"none of {', '.join(self.words)}")
        return text.lower()

    @property
    def schema(self) -> Schema:
        """See Input."""
        return {"type": "string", "enum": list(self.words)}

    @property
    def example(self) -> str:
        """See Input."""
        return self.words[0]
