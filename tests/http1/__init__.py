"""The contract of HTTP/1.1: http1, https, and the HTTP/1.1 side of h2c and h2."""
