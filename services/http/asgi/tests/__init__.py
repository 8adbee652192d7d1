"""Unit tests of the ASGI side."""
