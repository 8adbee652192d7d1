"""The udp-echo role."""
