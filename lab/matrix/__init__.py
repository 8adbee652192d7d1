"""The interop matrix: every implementation of every role, judged in turn, side by side."""
