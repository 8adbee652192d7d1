"""`BACKEND=compose`: every server in a container, as locked down as the yard's; the load stays outside.

Ours run from the image of the services, Granian from its own, the others from that of the swaps;
`make images` builds them. Containers use the network of the host, so that what is measured is the server
and not the engine's address translation.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from bench.errors import UnfairRow
from bench.model import Place

_SCRATCH = "/tmp"  # noqa: S108 - the container's own


def in_containers() -> bool:
    """Whether servers run in containers."""
    return os.environ.get("BACKEND") == "compose"


def image(argv: Sequence[str]) -> str:
    """The image that can run `argv`."""
    ours = any(word.startswith("services.") for word in argv)
    target = "services" if ours else "granian" if "granian" in argv else "foreign"
    return f"wireyard/{target}:{os.environ.get('WIREYARD_TAG', 'dev')}"


def command(
    argv: Sequence[str], environ: Mapping[str, str], place: Place, folders: Sequence[Path], core: int
) -> tuple[list[str], str]:
    """The command that runs `argv` in a container pinned to `core`, and the container's name.

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


def process_of(name: str) -> int:
    """The process id, on this host, of a container's first process. Raises UnfairRow when it does not run."""
    argv = ["docker", "inspect", "--format", "{{.State.Pid}}", name]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode != 0 or not int(done.stdout):
        raise UnfairRow(f"the container does not run: {done.stderr.strip()[-200:]}")
    return int(done.stdout)


def once(argv: Sequence[str]) -> list[str]:
    """The command that runs `argv` in the image and ends, as for a version."""
    program = "python3" if argv[0] == sys.executable else argv[0]
    return ["docker", "run", "--rm", "--network", "none", "--entrypoint", program, image(argv), *argv[1:]]
