"""The yard's own certificate authority: `python -m certs make --out DIR` brings a folder up to date."""
