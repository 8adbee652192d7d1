"""Reads Compose files the way Compose does: interpolated from the environment and `.env`, then merged.

Only what the yard's files use is understood; `lab/tests` holds the result against `docker compose config`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values

from lab.errors import LabError
from lab.interpolation import interpolate

Tree = dict[str, Any]

# Lists that an override extends; every other list it replaces (Compose specification, "Merge").
_EXTENDED = frozenset({"ports", "volumes", "tmpfs", "cap_drop", "cap_add", "security_opt", "dns", "configs"})

# What may be written as a list and is a mapping: of NAME=VALUE, or of names alone.
_ASSIGNMENTS = frozenset({"environment", "labels"})
_NAMES = frozenset({"networks", "depends_on"})


class _Loader(yaml.CSafeLoader):
    """YAML by libyaml, in a seventh of the time, with Compose's two merge tags."""


class _Reset:
    """`!reset`: the merged value is removed."""


class _Override:
    """`!override`: the value replaces instead of merging."""

    def __init__(self, value: object) -> None:
        self.value = value


def _reset(_loader: yaml.CSafeLoader, _node: yaml.Node) -> _Reset:
    return _Reset()


def _override(loader: yaml.CSafeLoader, node: yaml.Node) -> _Override:
    if isinstance(node, yaml.MappingNode):
        return _Override(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return _Override(loader.construct_sequence(node, deep=True))
    return _Override(loader.construct_object(node))


_Loader.add_constructor("!reset", _reset)
_Loader.add_constructor("!override", _override)


def environment(directory: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that interpolation sees: `.env` beside the files, under the process's own."""
    values = dotenv_values(directory / ".env")
    return {**{name: value for name, value in values.items() if value is not None}, **environ}


def load(files: Sequence[Path], environ: Mapping[str, str]) -> Tree:
    """The merged, interpolated tree of `files`, in order.

    Raises LabError when a file is missing or is not YAML.
    """
    merged: Tree = {}
    for file in files:
        merged = _merge(merged, _mappings(_interpolate(_parse(file), environ)))
    settled: Tree = _settle(merged)
    return settled


def service_names(file: Path) -> frozenset[str]:
    """The services that one file speaks of. Raises LabError when it is missing or is not YAML."""
    services = _parse(file).get("services")
    return frozenset(services) if isinstance(services, dict) else frozenset()


def _in_one_line(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return str(error).replace("\n", " ")


def _parse(file: Path) -> Tree:
    try:
        tree = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise LabError(f"{file}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise LabError(f"{file}: not YAML: {_in_one_line(error)}") from error
    if not isinstance(tree, dict):
        raise LabError(f"{file}: a Compose file is a mapping")
    return tree


def _interpolate(value: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return interpolate(value, environ)
    if isinstance(value, dict):
        return {key: _interpolate(item, environ) for key, item in value.items()}
    if isinstance(value, list):
        return [_interpolate(item, environ) for item in value]
    if isinstance(value, _Override):
        return _Override(_interpolate(value.value, environ))
    return value


def _mappings(tree: Tree) -> Tree:
    """The services' short forms in their long form, so that files of either form merge."""
    for service in (tree.get("services") or {}).values():
        if not isinstance(service, dict):
            continue
        for key, value in service.items():
            service[key] = (
                _Override(_mapping(key, value.value))
                if isinstance(value, _Override)
                else _mapping(key, value)
            )
    return tree


def _mapping(key: str, value: Any) -> Any:
    if isinstance(value, list) and key in _ASSIGNMENTS:
        return dict(str(item).partition("=")[::2] for item in value)
    if isinstance(value, list) and key in _NAMES:
        return dict.fromkeys(value)
    return value


def _merge(base: Any, over: Any, key: str = "") -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {k: _merge(base.get(k), over[k], k) if k in over else base[k] for k in base | over}
    if isinstance(base, list) and isinstance(over, list) and key in _EXTENDED:
        return base + [item for item in over if item not in base]
    return over


def _settle(value: Any) -> Any:
    """Removes what was `!reset` and unwraps what was `!override`, once nothing is left to merge."""
    if isinstance(value, _Override):
        return _settle(value.value)
    if isinstance(value, dict):
        return {key: _settle(item) for key, item in value.items() if not isinstance(item, _Reset)}
    if isinstance(value, list):
        return [_settle(item) for item in value]
    return value
