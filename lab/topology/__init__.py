"""The yard as frozen dataclasses, read from compose.yaml and the override files in use.

Nothing here talks to Docker: the same reading serves both backends, the certificates, the DNS zones,
the clients and the diagrams.
"""

from lab.topology.files import load, shipped
from lab.topology.model import (
    PROJECT,
    ROLES,
    Attachment,
    Endpoint,
    Network,
    Port,
    Service,
    Topology,
    View,
)

__all__ = [
    "PROJECT",
    "ROLES",
    "Attachment",
    "Endpoint",
    "Network",
    "Port",
    "Service",
    "Topology",
    "View",
    "load",
    "shipped",
]
