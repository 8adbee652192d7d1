"""What the page may do: the yard's own clients against its own roles, each with a few checked parameters.

Nothing else can be reached from the page: an action names a role, never an address, and no shell is near.
"""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from clients.trace import Trace
from lab.topology import Topology, View
from services.console.errors import UnknownAction

LONGEST_VALUE = 2048


@dataclass(frozen=True, slots=True)
class Yard:
    """Where the clients find the roles, and the CA bundle by which they verify them."""

    topology: Topology
    view: View
    ca: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One field of an action's form; `choices` empty means free text."""

    name: str
    default: str
    choices: tuple[str, ...] = ()

    def value(self, given: Mapping[str, object]) -> str:
        """The value given, or the default. Raises UnknownAction."""
        value = given.get(self.name, self.default)
        if not isinstance(value, str) or len(value) > LONGEST_VALUE:
            raise UnknownAction(f"{self.name} is not a text of at most {LONGEST_VALUE} characters")
        if self.choices and value not in self.choices:
            raise UnknownAction(f"{self.name} is none of {', '.join(self.choices)}")
        return value


Run = Callable[[Yard, Trace, Mapping[str, str]], Awaitable[str]]
Command = Callable[[Yard, Mapping[str, str]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of the catalogue. `run` gives the answer as text; `command` names the module
    that does the same, and the words it is given.

    `role` is whom it talks to, unless a parameter of that name says otherwise.
    """

    name: str
    title: str
    role: str
    parameters: tuple[Parameter, ...]
    command: Command
    run: Run

    def values(self, given: Mapping[str, object]) -> dict[str, str]:
        """Every parameter's value. Raises UnknownAction."""
        return {parameter.name: parameter.value(given) for parameter in self.parameters}

    def asked(self, values: Mapping[str, str]) -> str:
        """The role that is talked to with these values."""
        return values.get("role", self.role)

    def typed(self, yard: Yard, values: Mapping[str, str]) -> str:
        """What a person would type in a shell where the clients are; nobody here gives it to one."""
        return shlex.join(["python3", "-m", *self.command(yard, values)])

    def describe(self) -> dict[str, object]:
        """The entry as the page builds its form from it."""
        fields = [{"name": p.name, "default": p.default, "choices": p.choices} for p in self.parameters]
        return {"name": self.name, "title": self.title, "parameters": fields}
