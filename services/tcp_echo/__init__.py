"""The TCP echo role (RFC 862)."""
