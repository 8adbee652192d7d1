"""Programs that others wrote, and programs for Node, ask every service: further witnesses of the contract."""
