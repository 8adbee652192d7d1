"""Runs the yard: topology, backends, readiness, swaps and the command line."""
