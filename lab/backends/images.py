"""Builds and fetches the images of the compose backend."""

from __future__ import annotations

from lab.backends.docker import Docker
from lab.errors import EngineError
from lab.topology import PROJECT

# What a build may know of this machine; written by images/secrets.
_SECRETS = PROJECT / ".wireyard" / "build" / "pip.conf"


class Images:
    """The images of one project."""

    def __init__(self, docker: Docker) -> None:
        self._docker = docker

    def build(self, *services: str) -> None:
        """Builds what `services` run; unchanged layers cost nothing."""
        self._docker.run(str(PROJECT / "images" / "base"))
        if not _SECRETS.exists():
            self._docker.run(str(PROJECT / "images" / "secrets"))
        self._docker.compose("--profile", "client", "build", "--quiet", *services)

    def require(self, service: str, image: str) -> None:
        """Fetches `image` unless it is here. Raises EngineError when it cannot be had."""
        try:
            self._docker.run("docker", "image", "inspect", "--format", "{{.Id}}", image)
        except EngineError:
            self._pull(service, image)

    def _pull(self, service: str, image: str) -> None:
        try:
            self._docker.compose("pull", "--quiet", service)
        except EngineError as error:
            raise EngineError(f"there is no image {image}, here or in a registry that answers") from error
