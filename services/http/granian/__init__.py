"""The HTTP roles on Granian, whose engine is hyper (Rust): the same routes, through ASGI."""
