"""The proxy role."""
