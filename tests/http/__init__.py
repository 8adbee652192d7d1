"""The contract of the HTTP roles."""
