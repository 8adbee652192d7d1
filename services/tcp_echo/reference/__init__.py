"""TCP echo on uvloop: one protocol object a connection, flow control passed from one side to the other."""
