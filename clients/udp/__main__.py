"""Runs the command line."""

from clients.udp.cli import app

if __name__ == "__main__":
    app(prog_name="python -m clients.udp")
