"""The features that each role owes, read from the tables in services/*/CONTRACT.md.

A contract names its roles on a line of its own, `Roles: http1, https`, and lists its features in tables
whose header starts with `feature`; the columns `clause`, `tier` and `meaning` follow, `roles` where a feature
belongs to some of them only, and `port` where it is offered on another port than the role's main one.
services/README.md shows one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lab.errors import ContractError
from lab.topology import PROJECT, Service, Topology

_ROLES = re.compile(r"^Roles:\s*(.+?)\.?\s*$", re.MULTILINE)
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_COLUMNS = {"rfc clause": "clause", "rfc": "clause", "role": "roles"}
_NO_WITNESS = "has no control port; a witness feature is owed by the yard's own services only"


class Tier(StrEnum):
    """Who owes it: any conforming server, whoever serves the yard's routes, or only our own services."""

    PROTOCOL = "protocol"
    APPLICATION = "application"
    WITNESS = "witness"


@dataclass(frozen=True, slots=True)
class Feature:
    """One promise of a contract, under the name that tests and declines use."""

    name: str
    roles: tuple[str, ...]
    clause: str
    tier: Tier
    meaning: str
    port: str = "main"


@dataclass(frozen=True, slots=True)
class Decline:
    """Why an implementation does not offer a feature. One that is `firm` must not work either."""

    reason: str
    firm: bool = True


@dataclass(frozen=True, slots=True)
class Contracts:
    """Every feature of every role; `folders` maps a folder of services/ to the roles of its contract."""

    features: Mapping[str, Mapping[str, Feature]]
    folders: Mapping[str, tuple[str, ...]]

    def feature(self, role: str, name: str) -> Feature:
        """The feature called `name` of `role`. Raises ContractError when no contract lists it."""
        found = self.features.get(role, {}).get(name)
        if found is None:
            raise ContractError(f"role {role!r} has no feature {name!r}; its CONTRACT.md lists what there is")
        return found

    def check(self, topology: Topology) -> None:
        """Raises ContractError when a service declines a feature that no contract lists."""
        for service in topology.services.values():
            for name in (*service.declines, *service.embedded_declines):
                self.feature(service.role, name)

    def declines(self, service: Service, *, embedded: bool = False) -> Mapping[str, Decline]:
        """What `service` does not offer: as its labels say, and as follows from the ports that it has.

        What it only lacks `embedded`, or nobody asks of it (tier witness), may work in part all the same.
        """
        lacks = self._without_ports(service)
        own = {name: Decline(why, self._firm(service, name)) for name, why in service.declines.items()}
        if embedded:
            there = {name: Decline(why, firm=False) for name, why in service.embedded_declines.items()}
            lacks = {**lacks, **there}
        return {**lacks, **own}

    def _firm(self, service: Service, name: str) -> bool:
        """Whether what is declined must not work: of the journal, nobody asks any more than there is."""
        return self.feature(service.role, name).tier is not Tier.WITNESS

    def _without_ports(self, service: Service) -> Mapping[str, Decline]:
        features = self.features.get(service.role, {}).values()
        witness = Decline(f"{service.implementation} {_NO_WITNESS}", firm=False)
        found = {f.name: witness for f in features if f.tier is Tier.WITNESS}
        kept = {} if "control" in service.ports else found
        absent = [f for f in features if f.port not in service.ports]
        return kept | {f.name: Decline(f"{service.implementation} has no port {f.port!r}") for f in absent}


def load(directory: Path = PROJECT) -> Contracts:
    """Reads every contract below `directory`. Raises ContractError naming file and line."""
    features: dict[str, dict[str, Feature]] = {}
    folders = {}
    for file in sorted(directory.glob("services/*/CONTRACT.md")):
        roles = _roles(file)
        folders[file.parent.name] = roles
        for feature in _features(file, roles):
            for role in feature.roles:
                features.setdefault(role, {})[feature.name] = feature
    return Contracts(features, folders)


def _roles(file: Path) -> tuple[str, ...]:
    line = _ROLES.search(file.read_text(encoding="utf-8"))
    if line is None:
        return (file.parent.name.replace("_", "-"),)
    return tuple(re.findall(r"[a-z0-9-]+", line[1]))


def _features(file: Path, roles: tuple[str, ...]) -> Iterator[Feature]:
    columns: list[str] | None = None
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        cells = _cells(line)
        if not cells:
            columns = None
        elif columns is None:
            columns = [_COLUMNS.get(cell.lower(), cell.lower()) for cell in cells]
        elif columns[0] == "feature" and not set(cells[0]) <= set("-: "):
            feature = _feature(f"{file}:{number}", dict(zip(columns, cells, strict=False)), roles)
            twice = seen.intersection((role, feature.name) for role in feature.roles)
            if twice:
                raise ContractError(f"{file}:{number}: feature {feature.name!r} is listed twice")
            seen.update((role, feature.name) for role in feature.roles)
            yield feature


def _cells(line: str) -> list[str]:
    """The cells of a Markdown table row; none when `line` is not one."""
    text = line.strip()
    if not text.startswith("|"):
        return []
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", text.strip("|"))]


def _feature(where: str, row: Mapping[str, str], roles: tuple[str, ...]) -> Feature:
    name = row["feature"].strip("`")
    if not _NAME.fullmatch(name):
        raise ContractError(f"{where}: {name!r} is no feature name: lower case, digits and hyphens")
    own = tuple(re.findall(r"[a-z0-9-]+", row.get("roles", ""))) or roles
    if not set(own) <= set(roles):
        raise ContractError(f"{where}: {row['roles']!r} holds a role that this contract is not for")
    try:
        tier = Tier(row.get("tier", "").strip("`"))
    except ValueError:
        raise ContractError(f"{where}: tier {row.get('tier', '')!r} is none of {', '.join(Tier)}") from None
    port = row.get("port", "").strip("`") or "main"
    return Feature(name, own, row.get("clause", ""), tier, row.get("meaning", ""), port)
