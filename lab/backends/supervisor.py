"""The supervisor of the embedded yard: its configuration as text, and a client of its XML-RPC socket."""

from __future__ import annotations

import getpass
import http.client
import shlex
import socket
import subprocess
import sys
import xmlrpc.client
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lab.backends import pids
from lab.backends.processes import Process, search_path
from lab.errors import LabError
from lab.state import StateDirectory
from lab.topology import PROJECT

# supervisor.xmlrpc.Faults.NOT_RUNNING
_NOT_RUNNING = 70

_HEAD = """\
[unix_http_server]
file={socket}
chmod=0600

[supervisord]
user={user}
directory={project}
logfile={log}
logfile_maxbytes=1MB
logfile_backups=1
pidfile={root}/supervisord.pid
identifier=wireyard

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[rpcinterface:wireyard]
supervisor.rpcinterface_factory=lab.backends.restarts:make
"""

_PROGRAM = """
[program:{name}]
command={command}
environment={environment}
directory={project}
autostart=false
autorestart=true
startsecs=1
startretries=3
stopsignal=TERM
stopwaitsecs={stop_wait}
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=1
"""


def configuration(processes: Iterable[Process], state: StateDirectory, environ: Mapping[str, str]) -> str:
    """supervisord.conf for `processes`, everything below `state`."""
    paths = {"project": PROJECT, "root": state.root, "logs": state.logs, "socket": state.supervisor_socket}
    paths["log"] = state.root / "supervisord.log"
    escaped = {name: _escape(str(path)) for name, path in paths.items()}
    text = _HEAD.format(user=_escape(getpass.getuser()), **escaped)
    common = {"PATH": search_path(environ), "PYTHONUNBUFFERED": "1"}
    for process in processes:
        text += _PROGRAM.format(
            name=process.name,
            command=_escape(shlex.join(process.command)),
            environment=_escape(_pairs(common | dict(process.environment))),
            stop_wait=pids.STOP_WAIT,
            **escaped,
        )
    return text


def _pairs(environment: Mapping[str, str]) -> str:
    return ",".join(f"{name}={_quote(value)}" for name, value in sorted(environment.items()))


def _quote(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _escape(text: str) -> str:
    """`%` introduces an expansion in the supervisor's files, ` ;` a comment, and a line is a setting."""
    if "\n" in text or " ;" in text:
        raise LabError(f"the embedded backend cannot pass {text!r} to a process")
    return text.replace("%", "%%")


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._opened = _UnixConnection(path)

    def make_connection(self, host: object) -> http.client.HTTPConnection:  # noqa: ARG002 - there is one
        self._opened = _UnixConnection(self._path)
        return self._opened

    def close(self) -> None:
        self._opened.close()


class Supervisor:
    """A running supervisor, or the means to start one."""

    def __init__(self, state: StateDirectory) -> None:
        self._state = state

    def answers(self) -> bool:
        """Whether a supervisor listens on the state folder's socket."""
        try:
            self.call("supervisor.getState")
        except OSError:
            return False
        return True

    def call(self, method: str, *arguments: object) -> Any:
        """The answer of one XML-RPC method. Raises OSError when nobody listens, else xmlrpc.client.Fault."""
        transport = _Transport(self._state.supervisor_socket)
        with xmlrpc.client.ServerProxy("http://localhost", transport=transport) as proxy:
            return getattr(proxy, method)(*arguments)

    def launch(self) -> None:
        """Starts the supervisor as a daemon that outlives this terminal. Raises LabError."""
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._state.supervisor_config)]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LabError(f"the supervisor does not start: {(done.stderr or done.stdout).strip()}")

    def stop(self, name: str) -> None:
        """Stops one process; returns once it is gone."""
        pid = int(self.call("supervisor.getProcessInfo", name)["pid"])
        self._without_waiting("supervisor.stopProcess", name)
        pids.await_end([pid])

    def shut_down(self) -> None:
        """Stops every process, all at once, and then the supervisor; returns once it is gone.

        The supervisor's own shut-down would stop them one after the other, a second apart.
        """
        running = [int(info["pid"]) for info in self.call("supervisor.getAllProcessInfo")]
        self._without_waiting("supervisor.stopAllProcesses")
        pids.await_end(running)
        own = int(self.call("supervisor.getPID"))
        self.call("supervisor.shutdown")
        pids.await_end([own])

    def _without_waiting(self, method: str, *arguments: str) -> None:
        """A stop of what does not run is no error."""
        try:
            self.call(method, *arguments, False)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != _NOT_RUNNING:
                raise LabError(f"the supervisor refuses: {fault.faultString}") from fault
