"""The tunnel client: CONNECT through a proxy, over HTTP/1.1 (h11), with TLS to the proxy or without."""

from clients.net.errors import NetError, ProxyRefusal
from clients.tunnel.http1 import Proxy, Tunnel, open_tunnel

__all__ = ["NetError", "Proxy", "ProxyRefusal", "Tunnel", "open_tunnel"]
