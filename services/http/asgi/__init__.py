"""The application behind any ASGI server: what ASGI cannot express is not offered, and says so."""
