"""The yard and its peers side by side, in one run, under the same work."""
