"""`BACKEND=compose`: every server in a container, as locked down as the yard's; the load stays outside.

Ours run from the image of the services, all others from one image of the peers, made of the swaps' (`build`).
Containers use the network of the host, so that what is measured is the server and not the engine's address
translation; what has to be compiled or fetched for a peer is made on the host.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from uuid import uuid4

from bench.errors import MissingImage, MissingProgram, UnfairRow
from bench.model import Place
from lab import compose_file
from lab.backends.docker import Docker
from lab.backends.images import Images
from lab.errors import EngineError, MissingToolError
from lab.topology import PROJECT

_DESCRIBED = "compose.yaml:bench/peers.yaml"
# Services that build the two images.
_BUILDERS = ("certs", "peers")
_SCRATCH = "/tmp"  # noqa: S108 - the container's own


def in_containers() -> bool:
    """Whether servers run in containers."""
    return os.environ.get("BACKEND") == "compose"


def build() -> None:
    """Makes the images from the sources of now. Raises UnfairRow, in one line, when they cannot be made."""
    try:
        Images(Docker({**os.environ, "COMPOSE_FILE": _DESCRIBED}, "bench")).build(*_BUILDERS)
    except (EngineError, MissingToolError) as error:
        raise UnfairRow(str(error)) from error


def image(argv: Sequence[str]) -> str:
    """The image that can run `argv`."""
    ours = any(word.startswith("services.") for word in argv)
    return f"wireyard/{'services' if ours else 'peers'}:{tag()}"


def tag() -> str:
    """The tag of this checkout's images."""
    return compose_file.environment(PROJECT, os.environ).get("WIREYARD_TAG", "dev")


@cache
def require(name: str) -> None:
    """Raises MissingImage when there is no such image, MissingProgram when nothing could tell."""
    if shutil.which("docker") is None:
        raise MissingProgram("docker", "docker-cli")
    argv = ["docker", "image", "inspect", "--format", "{{.Id}}", name]
    if subprocess.run(argv, capture_output=True, check=False).returncode != 0:
        raise MissingImage(name)


def command(
    argv: Sequence[str], environ: Mapping[str, str], place: Place, folders: Sequence[Path], core: int
) -> tuple[list[str], str]:
    """The command that runs `argv` in a container pinned to `core`, and its name.

    `environ` is given to it; `folders` can be read there, and the place's own written to, all under the
    names that they have here.
    """
    name = f"wireyard-bench-{uuid4().hex[:12]}"
    words = ["docker", "run", "--rm", "--init", "--name", name, "--network", "host"]
    words += ["--cpuset-cpus", str(core), "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    words += ["--read-only", f"--tmpfs={_SCRATCH}", "--ulimit", "nofile=16384"]
    words += [] if "services" in image(argv) else ["--workdir", str(folders[0])]
    for folder in folders:
        words += ["--volume", f"{folder}:{folder}:ro"]
    words += ["--volume", f"{place.directory}:{place.directory}"]
    for variable, value in environ.items():
        words += ["--env", f"{variable}={value}"]
    inside = ["python3" if word == sys.executable else word for word in argv]
    return [*words, "--entrypoint", inside[0], image(argv), *inside[1:]], name


def end(name: str) -> None:
    """Removes a container that has outlived the command that ran it; most have gone with it."""
    subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)


def process_of(name: str) -> int:
    """The process id, on this host, of a container's first process. Raises UnfairRow when it does not run."""
    argv = ["docker", "inspect", "--format", "{{.State.Pid}}", name]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not int(done.stdout):
        raise UnfairRow(f"the container does not run: {done.stderr.strip()[-200:]}")
    return int(done.stdout)


def once(argv: Sequence[str], name: str) -> list[str]:
    """The command that runs `argv` in the image `name` and ends, as for a version."""
    program = "python3" if argv[0] == sys.executable else argv[0]
    return ["docker", "run", "--rm", "--network", "none", "--entrypoint", program, name, *argv[1:]]
