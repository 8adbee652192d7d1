"""The topology as the page draws it."""

from __future__ import annotations

from collections.abc import Collection

from lab.topology import Service, Topology, View


def describe(topology: Topology, journals: Collection[str]) -> dict[str, object]:
    """`{"name", "networks": […], "services": […], "links": [[from, to], …]}`."""
    drawn = [s for s in topology.services.values() if s.attachments]
    return {
        "name": topology.name,
        "networks": [
            {"name": n.name, "subnets": [str(s) for s in n.subnets], "internal": n.internal}
            for n in topology.networks.values()
        ],
        "services": [_service(s, s.role in journals) for s in drawn],
        "links": _links(drawn),
    }


def _service(service: Service, journal: bool) -> dict[str, object]:
    main = service.ports.get("main")
    return {
        "name": service.name,
        "role": service.role,
        "implementation": service.implementation,
        "authority": service.authority,
        "addresses": {a.network: [x for x in (a.ipv4, a.ipv6) if x] for a in service.attachments},
        "port": f"{main.number}/{main.transport}" if main else None,
        "host": _host(service),
        "journal": journal,
        "declines": dict(service.declines),
    }


def _host(service: Service) -> str | None:
    main = service.ports.get("main")
    if main is None or main.host is None:
        return None
    endpoint = service.endpoint(View.HOST)
    return f"{endpoint.address}:{endpoint.port}"


def _links(services: Collection[Service]) -> list[list[str]]:
    """Who talks to whom: the client to all it shares a network with, the proxy to what stands inside."""
    client = next((s for s in services if s.role == "client"), None)
    proxy = next((s for s in services if s.role == "proxy"), None)
    served = [s for s in services if s.ports.get("main")]
    links = []
    for service in served:
        origin = client if client and _meet(client, service) else proxy
        if origin and origin is not service:
            links.append([origin.name, service.name])
    return links


def _meet(one: Service, other: Service) -> bool:
    return bool({a.network for a in one.attachments} & {a.network for a in other.attachments})
