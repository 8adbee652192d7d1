"""What an ASGI implementation of an HTTP role is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.kit.errors import SettingsError
from services.kit.settings import Settings

TLS_ROLES = ("https", "h2")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings(Settings):
    """Settings of an HTTP role. `host` is its authority; the TLS roles need `certs`."""

    host: str | None = None

    @property
    def authority(self) -> str:
        """The name that clients know this service by."""
        return self.host or f"{self.role}.wireyard.test"


def certificate(settings: HttpSettings) -> tuple[Path, Path] | None:
    """Chain and key of a TLS role, None in clear. Raises SettingsError when there are none."""
    if settings.role not in TLS_ROLES:
        return None
    if settings.certs is None:
        raise SettingsError("WIREYARD_CERTS", f"is not set, and {settings.role} needs a certificate")
    return settings.certs / "cert.pem", settings.certs / "key.pem"
