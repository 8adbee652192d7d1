"""The examples in the project's documents, run as they stand."""
