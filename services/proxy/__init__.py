"""The CONNECT proxy role (RFC 9110 9.3.6)."""
