"""A CONNECT proxy: cores that decide (head, target, policy, answers) and a loop side that carries."""
