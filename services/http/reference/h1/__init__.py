"""HTTP/1.1 without I/O (RFC 9112): bytes in, heads and content out; responses in, bytes out.

    grammar    which octets may stand where, as tables beside their clauses
    target     the four forms of a request target, and the Host field
    framing    how long the content of a request is
    head       the head of one request, read by llhttp inside these checks
    chunks     the chunked coding, with its trailer section
    reader     cuts a byte stream into heads and content, however it was cut into segments
    response   a response's head, and how its content is framed

Nothing here imports asyncio, socket or time.
"""
