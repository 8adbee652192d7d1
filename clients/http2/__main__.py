"""Runs the command line."""

from clients.http2.cli import app

if __name__ == "__main__":
    app(prog_name="python -m clients.http2")
