"""The tcp-echo role."""
