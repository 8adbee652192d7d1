"""Override files that are made from the command line's own words: an image, or a program on this host."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from lab.topology import Topology, View

RESET = object()
"""Stands for `!reset null`: the value of the yard's own file is dropped."""


class _Dumper(yaml.SafeDumper):
    """YAML with Compose's `!reset`."""


_Dumper.add_representer(object, lambda dumper, _: dumper.represent_scalar("!reset", "null"))


def write(role: str, implementation: str, services: Mapping[str, object], folder: Path) -> Path:
    """Writes an override for `role` below `folder`; the path of the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{role}.{implementation}.yaml"
    text = yaml.dump({"services": dict(services)}, Dumper=_Dumper, sort_keys=False)
    file.write_text(text, encoding="utf-8")
    return file


def for_image(role: str, implementation: str, image: str) -> Mapping[str, object]:
    """The image in the role's container, with its own command."""
    return {role: {"image": image, "command": RESET, **_stranger(implementation)}}


def for_target(role: str, implementation: str, target: str, topology: Topology) -> Mapping[str, object]:
    """A relay in the role's container, and one on the host's own network that reaches its loopback."""
    gateway = next(str(net[1]) for n in topology.networks.values() for net in n.subnets if not n.internal)
    service = topology.service(role)
    via = f"{gateway}:{service.endpoint(View.HOST).port}"
    transports = sorted({port.transport for name, port in service.ports.items() if name != "control"})
    relay = ["python3", "-m", "lab.relay", "--to", target]
    return {
        role: {"command": [*relay, "--via", via, *transports], **_stranger(implementation)},
        f"{role}-target": {
            "image": service.image,
            "command": [*relay, "--listen", via, *transports],
            "network_mode": "host",
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
            "init": True,
            "labels": {"wireyard.companion": role},
        },
    }


def _stranger(implementation: str) -> dict[str, object]:
    """A stranger has no control port and no probe of ours inside; readiness is judged from outside."""
    labels = {"wireyard.implementation": implementation, "wireyard.ports.control": RESET}
    return {"labels": labels, "healthcheck": {"disable": True}}
