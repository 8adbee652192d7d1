"""What the TCP, UDP and tunnel clients share: typed errors, connections that tell their steps, a display."""
