"""TLS as the https and h2 roles show it: a context for each name of the zoo, and protocol cases by name."""
