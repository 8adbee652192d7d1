"""What no role can make sense of, sent to each of them."""
