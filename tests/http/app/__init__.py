"""The application's contract: the same routes over HTTP/1.1, HTTPS, HTTP/2 in clear and HTTP/2 over TLS."""
