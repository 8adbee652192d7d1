"""Clients that are programs: curl, openssl, gnutls-cli, Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from certs.zoo import Case
from clients.tls.report.model import Answer, Site

WITHIN = 10.0
"""Seconds that a program has for one case."""
NODE = Path(__file__).with_name("judge.js")


@dataclass(frozen=True)
class Program:
    """A program that is started once a case, and says by its exit code whether it went on."""

    name: str
    command: Callable[[Site, str], list[str]]
    words: Callable[[str], str]
    version_words: tuple[str, ...] = ("--version",)

    def version(self) -> str | None:
        """The first line that the program says of itself."""
        if shutil.which(self.name) is None:
            return None
        shown = _run([self.name, *self.version_words])
        return shown.stdout.partition("\n")[0].strip()

    def judge(self, site: Site, cases: Sequence[Case]) -> list[Answer]:
        """One start of the program for each case."""
        return [self._one(site, case) for case in cases]

    def _one(self, site: Site, case: Case) -> Answer:
        try:
            done = _run(self.command(site, site.name(case)))
        except subprocess.TimeoutExpired:
            return Answer(accepted=False, words=f"nothing within {WITHIN:g} s")
        return Answer(done.returncode == 0, "" if done.returncode == 0 else self.words(done.stdout))


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="backslashreplace",
        timeout=WITHIN,
        check=False,
    )


def _curl(site: Site, name: str) -> list[str]:
    to = f"::{site.address}:{site.port}"
    return [
        "curl",
        "-sS",
        "-o",
        "/dev/null",
        "--cacert",
        str(site.ca),
        "--connect-to",
        to,
        f"https://{name}/version",
    ]


def _openssl(site: Site, name: str) -> list[str]:
    where = f"{site.address}:{site.port}"
    command = ["openssl", "s_client", "-connect", where, "-servername", name, "-verify_hostname", name]
    return [*command, "-CAfile", str(site.ca), "-verify_return_error", "-x509_strict", "-status"]


def _gnutls(site: Site, name: str) -> list[str]:
    command = ["gnutls-cli", "--x509cafile", str(site.ca), "--sni-hostname", name, "--verify-hostname", name]
    return [*command, "-p", str(site.port), site.address]


def _line_with(*marks: str) -> Callable[[str], str]:
    def words(shown: str) -> str:
        found = [line.strip() for line in shown.splitlines() if any(mark in line for mark in marks)]
        return found[0] if found else (shown.strip().splitlines() or ["no word"])[-1]

    return words


@dataclass(frozen=True)
class Node:
    """Node's `https`: one process for all cases."""

    name: str = "node"

    def version(self) -> str | None:
        """Node's version, and its OpenSSL's."""
        if shutil.which("node") is None:
            return None
        shown = _run(["node", "-p", "`${process.version}, OpenSSL ${process.versions.openssl}`"])
        return shown.stdout.strip()

    def judge(self, site: Site, cases: Sequence[Case]) -> list[Answer]:
        """See Client."""
        names = [site.name(case) for case in cases]
        words = json.dumps({"address": site.address, "port": site.port, "ca": str(site.ca), "names": names})
        done = subprocess.run(
            ["node", str(NODE)], input=words, capture_output=True, text=True, timeout=60, check=True
        )
        return [Answer(accepted=answer == "", words=answer) for answer in json.loads(done.stdout)]


PROGRAMS = (
    Program("curl", _curl, _line_with("curl:")),
    Node(),
    Program("openssl", _openssl, _line_with("verify error", "alert", "Verification error"), ("version",)),
    Program("gnutls-cli", _gnutls, _line_with("Status:", "***", "alert")),
)
