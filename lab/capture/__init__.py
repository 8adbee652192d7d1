"""Packet captures that open decrypted."""
