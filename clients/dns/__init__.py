"""A DNS client on dnspython, with the methods of Node's `dns` module.

    resolver = Resolver()
    resolver.set_servers(["127.0.0.1:7753"])
    await resolver.resolve4("http1.wireyard.test")

`ask` gives one whole answer of one server; `lookup` and `lookup_service` go through the operating system.
"""

from clients.dns.carriers import Server, send_raw
from clients.dns.errors import AnswerError, DNSError
from clients.dns.exchange import Reply, ask, question
from clients.dns.resolver import Resolver
from clients.dns.system import lookup, lookup_service

__all__ = [
    "AnswerError",
    "DNSError",
    "Reply",
    "Resolver",
    "Server",
    "ask",
    "lookup",
    "lookup_service",
    "question",
    "send_raw",
]
