"""lab/topology reads the yard exactly as `docker compose config` does, overrides and variables included.

No engine is asked. Without the compose plugin there is nothing to hold the reading against: the tests skip.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lab.topology import PROJECT, Service, Topology, load

BASE = PROJECT / "compose.yaml"

SWAP = """
services:
  http1:
    image: example/nginx
    build: !reset null
    command: !override [nginx, -g, daemon off;]
    environment: {WIREYARD_PORT: "8080", EXTRA: "a$$b"}
    labels:
      wireyard.implementation: nginx
      wireyard.declines.trailers: "nginx sends none"
"""
LISTS = """
services:
  dns:
    environment: ["WIREYARD_ROLE=dns", "MORE=1"]
    labels: ["wireyard.implementation=knot"]
    networks: !override [edge]
    ports: !override
      - "127.0.0.1:${WIREYARD_DNS_PORT:-7753}:53/udp"
      - {target: 53, published: "${WIREYARD_DNS_PORT:-7753}", host_ip: 127.0.0.1, protocol: tcp}
"""
PARTS = """
services:
  vault: {profiles: [extra], depends_on: [dns]}
  https: {depends_on: {dns: {condition: service_started}}}
  udp-echo: !reset null
  another:
    image: example/another
    networks: {inner: {ipv4_address: "${WIREYARD_NET:-10.77}.1.${HOST:?needed}"}}
    labels: {note: "${UNSET-}|${EMPTY:-fallback}|${HOST:+set}"}
"""


@functools.cache
def _compose_missing() -> bool:
    found = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    return found.returncode != 0


def _config(files: tuple[Path, ...], variables: Mapping[str, str]) -> dict[str, Any]:
    """What Compose makes of `files`, every profile included."""
    named = [word for file in files for word in ("--file", str(file))]
    command = ["docker", "compose", "--project-directory", str(PROJECT), *named, "--profile", "*"]
    environ = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
    done = subprocess.run(
        [*command, "config", "--format", "json"], capture_output=True, check=True, env=environ
    )
    tree: dict[str, Any] = json.loads(done.stdout)
    return tree


def _facts_of_compose(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _service_of_compose(body) for name, body in tree["services"].items()}


def _service_of_compose(body: Mapping[str, Any]) -> dict[str, Any]:
    networks = {name: place or {} for name, place in (body.get("networks") or {}).items()}
    # `docker compose config` doubles each dollar sign, so that its output can be read again.
    undouble = {k: v.replace("$$", "$") for k, v in (body.get("environment") or {}).items()}
    named = {v for k, v in (body.get("labels") or {}).items() if k.startswith("wireyard.ports.")}
    return {
        "image": body["image"],
        "command": tuple(body.get("command") or ()),
        "environment": undouble,
        "labels": body.get("labels") or {},
        "profiles": set(body.get("profiles") or ()),
        "depends_on": set(body.get("depends_on") or ()),
        "networks": {n: (p.get("ipv4_address"), p.get("ipv6_address")) for n, p in networks.items()},
        "published": {
            (p["target"], p["protocol"]): (p["host_ip"], int(p["published"]))
            for p in body.get("ports") or ()
            if f"{p['target']}/{p['protocol']}" in named
        },
    }


def _facts_of_topology(topology: Topology) -> dict[str, Any]:
    return {name: _service_of_topology(service) for name, service in topology.services.items()}


def _service_of_topology(service: Service) -> dict[str, Any]:
    loopback = "wireyard.embedded" in service.labels  # an address of the embedded backend, not of Compose
    return {
        "image": service.image,
        "command": service.command,
        "environment": dict(service.environment),
        "labels": dict(service.labels),
        "profiles": set(service.profiles),
        "depends_on": set(service.depends_on),
        "networks": {a.network: (a.ipv4, a.ipv6) for a in service.attachments},
        "published": {
            (p.number, p.transport): p.host for p in service.ports.values() if p.host and not loopback
        },
    }


@pytest.mark.parametrize(
    ("override", "variables"),
    [
        pytest.param("", {}, id="as shipped"),
        pytest.param(
            "",
            {"WIREYARD_NET": "10.88", "WIREYARD_NET6": "fd88", "WIREYARD_DNS_PORT": "8853"},
            id="another prefix and port",
        ),
        pytest.param(SWAP, {}, id="a swap"),
        pytest.param(LISTS, {"WIREYARD_DNS_PORT": "9953"}, id="lists for mappings"),
        pytest.param(PARTS, {"HOST": "99", "EMPTY": ""}, id="reset, profiles, dependencies, variables"),
    ],
)
def test_topology_agrees_with_compose(override: str, variables: dict[str, str], tmp_path: Path) -> None:
    """Services, their places, ports, metadata and networks are those that Compose will start."""
    if _compose_missing():
        pytest.skip("the compose plugin is not installed")
    extra = tmp_path / "override.yaml"
    extra.write_text(override)
    files = (BASE, extra) if override else (BASE,)
    tree = _config(files, variables)
    ours = load(files, variables)
    assert _facts_of_topology(ours) == _facts_of_compose(tree)
    assert ours.name == tree["name"]
    assert {n.name: (sorted(map(str, n.subnets)), n.internal) for n in ours.networks.values()} == {
        name: (sorted(c["subnet"] for c in body["ipam"]["config"]), body.get("internal", False))
        for name, body in tree["networks"].items()
    }
