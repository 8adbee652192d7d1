"""The UDP echo role (RFC 862)."""
