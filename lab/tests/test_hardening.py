"""Every container of the yard is locked down, whoever adds one."""

from __future__ import annotations

from typing import Any

import pytest

from lab import compose_file
from lab.topology import PROJECT

TREE = compose_file.load([PROJECT / "compose.yaml"], {})
SERVICES: dict[str, dict[str, Any]] = TREE["services"]
LISTENING = sorted(name for name, body in SERVICES.items() if "wireyard.ports.main" in body.get("labels", {}))
# Volumes that hold a private key, and the one service that may see each, beside those that make and renew it.
KEY_VOLUMES: dict[str, str | None] = {
    f"certs-{name}": name for name in ("https", "h2", "proxy", "http1", "client", "dns")
}
KEY_VOLUMES |= {"authority": None, "certs-own": None}
BACKGROUND = sorted(
    name for name, body in SERVICES.items() if "wireyard.background" in body.get("labels", {})
)


# The one right that is given back: a capture needs raw sockets, and starts only when it is asked for.
GRANTED = {"capture": ["NET_RAW"]}


@pytest.mark.parametrize("name", GRANTED)
def test_a_container_with_a_right_of_its_own_starts_only_when_asked(name: str) -> None:
    assert SERVICES[name]["profiles"] == [name]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_can_write_nothing_and_become_nobody_else(name: str) -> None:
    body = SERVICES[name]
    assert body["read_only"] is True
    assert body["cap_drop"] == ["ALL"]
    assert body.get("cap_add", []) == GRANTED.get(name, [])
    assert not body.get("privileged", False)
    assert "no-new-privileges:true" in body["security_opt"]
    if name in GRANTED:
        return  # a capability is given to root alone; this one has no other
    user, _, group = body["user"].partition(":")
    assert int(user) > 0
    assert int(group) > 0


@pytest.mark.parametrize("name", [*LISTENING, *BACKGROUND, "client"])
def test_a_container_that_stays_is_bounded(name: str) -> None:
    body = SERVICES[name]
    assert body["init"] is True
    assert body["mem_limit"]
    assert body["pids_limit"]


@pytest.mark.parametrize("name", LISTENING)
def test_a_service_is_watched(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", [*LISTENING, *BACKGROUND])
def test_a_service_is_started_again_and_told_to_end_in_time(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["stop_grace_period"] == "6s"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_ports_are_published_on_loopback_only(name: str) -> None:
    assert all(str(port).startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@pytest.mark.parametrize(("volume", "owner"), KEY_VOLUMES.items())
def test_each_key_is_seen_by_its_owner_alone(volume: str, owner: str | None) -> None:
    assert _seen_by(volume) == {"certs", "renewal", owner} - {None}


def test_the_roots_key_is_seen_by_nobody_that_stays() -> None:
    assert _seen_by("root") == {"certs"}


@pytest.mark.parametrize("name", ["certs", "renewal"])
def test_who_holds_the_keys_is_on_no_network(name: str) -> None:
    assert SERVICES[name]["network_mode"] == "none"


def _seen_by(volume: str) -> set[str]:
    return {n for n, body in SERVICES.items() for v in body.get("volumes", ()) if v.startswith(f"{volume}:")}


def test_only_the_proxy_stands_between_the_two_networks() -> None:
    both = {name for name, body in SERVICES.items() if {"edge", "inner"} <= set(body.get("networks", ()))}
    assert both == {"proxy"}
    assert TREE["networks"]["inner"]["internal"] is True
