"""The contract suite: black-box, by role and RFC topic; knows endpoints, never an implementation."""
