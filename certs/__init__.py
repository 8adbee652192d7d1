"""The lab's certificate authority."""
