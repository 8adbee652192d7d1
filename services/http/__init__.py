"""The four HTTP roles: http1, https, h2c, h2."""
