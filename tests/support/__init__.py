"""What the contract suite stands on: the yard under test, features and declines, clauses, evidence."""
