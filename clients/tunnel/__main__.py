"""Runs the command line."""

from clients.tunnel.cli import app

if __name__ == "__main__":
    app(prog_name="python -m clients.tunnel")
