"""The HTTP roles on Hypercorn: the same routes, through ASGI."""
