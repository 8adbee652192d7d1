"""The application that every Python implementation of an HTTP role serves: messages, routes, handlers.

It knows HTTP's semantics (RFC 9110) and no wire format; an engine or an ASGI server carries it.
"""
