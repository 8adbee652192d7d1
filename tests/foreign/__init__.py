"""Programs and libraries of others ask every service, and our own clients do: witnesses of the contract."""
