"""The peers: how each program is started so that it does a row's work as fast as it can."""

from __future__ import annotations

import sys
from typing import Final

from bench.model import Peer

NODE_VERSION: Final = ("node", "--version")


def reference(module: str, role: str, *environ: tuple[str, str], name: str = "reference") -> Peer:
    """Our own service, journal and all, as the yard runs it."""
    common = (
        ("WIREYARD_ROLE", role),
        ("WIREYARD_ADDRESS", "127.0.0.1"),
        ("WIREYARD_PORT", "{port}"),
        ("WIREYARD_VIEW", "host"),
        ("WIREYARD_CERTS", "{certs}/{kind}"),
        ("WIREYARD_CA", "{certs}/ca/ca.pem"),
    )
    return Peer(
        name,
        sys.executable,
        "python3",
        (sys.executable, "-m", module),
        (sys.executable, "--version"),
        environ=(*common, *environ),
    )


def node(script: str, *words: str) -> Peer:
    """A program of Node's own modules."""
    return Peer("node", "node", "nodejs", ("node", f"{{bench}}/peers/{script}", *words), NODE_VERSION)


def node_http() -> Peer:
    """Node's http, https and http2 servers."""
    return node("node_http.js", "{kind}", "{port}", "{certs}")


_NGINX_HEAD = """
daemon off; worker_processes 1; pid {dir}/pid; error_log {dir}/error.log crit;
events { worker_connections 16384; }
http {
  access_log off; keepalive_requests 1000000000; default_type text/plain;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  server {
"""
_NGINX_TAIL = """
    location = /todos {
      default_type 'application/json; charset=utf-8';
      if ($arg_name = zhangsan) { return 200 '[{"name":"birth","introduce":"过生日"}]'; }
      return 200 '""';
    }
    location = /range/65536 { alias {dir}/download; }
  }
}
"""
_DOWNLOAD = ("abcdefghijklmnopqrstuvwxyz" * 2521)[:65536]
_TLS = (
    "ssl_certificate {certs}/{kind}/cert.pem; ssl_certificate_key {certs}/{kind}/key.pem;"
    " ssl_protocols TLSv1.2 TLSv1.3;"
)
_LISTEN = {
    "http1": "listen 127.0.0.1:{port} backlog=4096;",
    "https": f"listen 127.0.0.1:{{port}} ssl backlog=4096; {_TLS}",
    "h2c": "listen 127.0.0.1:{port} http2 backlog=4096;",
    "h2": f"listen 127.0.0.1:{{port}} ssl http2 backlog=4096; {_TLS}",
}


def nginx(kind: str) -> Peer:
    """nginx, answering from its configuration: the floor for a C server."""
    files = (("nginx.conf", _NGINX_HEAD + _LISTEN[kind] + _NGINX_TAIL), ("download", _DOWNLOAD))
    argv = ("nginx", "-e", "{dir}/error.log", "-c", "{dir}/nginx.conf")
    return Peer("nginx", "nginx", "nginx-light", argv, ("nginx", "-v"), files)


def asgi_servers(kind: str) -> tuple[Peer, ...]:
    """granian, hypercorn and uvicorn around one small ASGI application (uvicorn has no HTTP/2)."""
    certs = "{certs}/{kind}"
    tls = kind in {"https", "h2"}
    cert, key = f"{certs}/cert.pem", f"{certs}/key.pem"
    granian = ["--interface", "asgi", "--host", "127.0.0.1", "--port", "{port}", "--workers", "1"]
    granian += ["--loop", "uvloop", "--no-ws", "--log-level", "warning"]
    granian += ["--http", "2" if kind in {"h2c", "h2"} else "1"]
    granian += ["--ssl-certificate", cert, "--ssl-keyfile", key] if tls else []
    hypercorn = [
        "--bind",
        "127.0.0.1:{port}",
        "--worker-class",
        "uvloop",
        "--workers",
        "1",
        "--backlog",
        "4096",
    ]
    hypercorn += ["--certfile", cert, "--keyfile", key] if tls else []
    uvicorn = ["--host", "127.0.0.1", "--port", "{port}", "--loop", "uvloop", "--http", "httptools"]
    uvicorn += ["--no-access-log", "--log-level", "warning", "--backlog", "4096"]
    uvicorn += ["--ssl-certfile", cert, "--ssl-keyfile", key] if tls else []
    rows = [("granian", granian), ("hypercorn", hypercorn)]
    rows += [] if kind in {"h2c", "h2"} else [("uvicorn", uvicorn)]
    return tuple(_python_server(name, words) for name, words in rows)


def _python_server(name: str, words: list[str]) -> Peer:
    argv = (sys.executable, "-m", name, *words, "bench.peers.asgi:app")
    version = (sys.executable, "-c", f"from importlib.metadata import version; print(version('{name}'))")
    return Peer(name, sys.executable, "python3", argv, version)


def nghttpd(kind: str) -> Peer:
    """nghttpd, a C server, with the answer as a static file."""
    keys = ("{certs}/{kind}/key.pem", "{certs}/{kind}/cert.pem")
    argv = ("nghttpd", "-d", "{dir}", "-a", "127.0.0.1", *(() if kind == "h2" else ("--no-tls",)), "{port}")
    files = (("todos", '[{"name":"birth","introduce":"过生日"}]'),)
    version = ("nghttpd", "--version")
    return Peer("nghttpd", "nghttpd", "nghttp2-server", argv + (keys if kind == "h2" else ()), version, files)


def c_loop(mode: str) -> Peer:
    """An epoll loop in C, compiled whole, for any image: what the kernel alone costs."""
    build = ("cc", "-O2", "-static", "-o", "loop", "{bench}/peers/epoll_echo.c")
    argv = ("{dir}/loop", mode, "127.0.0.1", "{port}")
    return Peer("c-epoll", "cc", "gcc", argv, ("cc", "--version"), prepared=build)


def socat(how: str, *words: str) -> Peer:
    """socat, a process for each connection or datagram."""
    listen = f"{how}:{{port}},bind=127.0.0.1,fork,reuseaddr"
    return Peer("socat", "socat", "socat", ("socat", *words, listen, "PIPE"), ("socat", "-V"))


_SQUID = """
http_port 127.0.0.1:{port}
pid_filename none
cache deny all
cache_log {dir}/cache.log
access_log none
coredump_dir {dir}
http_access allow all
shutdown_lifetime 0 seconds
max_filedescriptors 16384
workers 1
"""


_TINYPROXY = """
Port {port}
Listen 127.0.0.1
Allow 127.0.0.1
MaxClients 1000
Timeout 600
LogLevel Critical
"""


def tinyproxy() -> Peer:
    """tinyproxy, a thread a connection."""
    argv = ("tinyproxy", "-d", "-c", "{dir}/tinyproxy.conf")
    files = (("tinyproxy.conf", _TINYPROXY),)
    return Peer("tinyproxy", "tinyproxy", "tinyproxy", argv, ("tinyproxy", "-v"), files)


def squid() -> Peer:
    """squid as nothing but a tunnelling proxy."""
    argv = ("squid", "-N", "-f", "{dir}/squid.conf")
    return Peer("squid", "squid", "squid", argv, ("squid", "-v"), (("squid.conf", _SQUID),))
