"""A TLS client that tells its verdict in words, and a report on how other clients judge the same servers.

look = look_at(Target("127.0.0.1", 7743, "expired.https.wireyard.test"), Path("ca.pem"))
look.verdict    "refused: the certificate has expired"
look.sent       the certificates that the server sent, leaf first
"""

from clients.tls.look import Look, Target, look_at

__all__ = ["Look", "Target", "look_at"]
