"""Commands that load when they are asked for: `up` need not wait for the matrix' templates."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

import typer
from typer.core import TyperGroup

LATER: Mapping[str, str] = MappingProxyType(
    {
        "capture": "lab.capture.cli:capture",
        "demo": "lab.demo.cli:demo",
        "matrix": "lab.matrix.cli:matrix",
        "test": "lab.suite:run",
    }
)
"""Command to `module:function`."""


def load(where: str) -> Any:
    """What `where`, `module:name`, names; its module is loaded now."""
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)


class Group(TyperGroup):
    """The commands of the application itself, and those of LATER."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command, by name."""
        return sorted([*super().list_commands(ctx), *LATER])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of this name, its module loaded; None for a name that is none."""
        if cmd_name not in LATER:
            return super().get_command(ctx, cmd_name)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(cmd_name)(load(LATER[cmd_name]))
        return typer.main.get_command(alone)
