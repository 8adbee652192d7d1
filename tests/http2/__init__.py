"""What h2c and h2 owe the network (RFC 9113, 7541, 8441, 9218), seen from the client's side."""
