"""The services of the yard, a folder a role."""
