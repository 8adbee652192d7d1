"""The guided demo: scenes told in a few lines, played for real, seen from both sides."""
