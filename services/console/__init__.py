"""The yard live in a browser: topology, events from every journal, ladders of single connections."""
