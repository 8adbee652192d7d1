"""Unit tests of the application, on an exchange in memory."""
