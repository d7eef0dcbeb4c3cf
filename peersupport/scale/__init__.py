"""A made-up programme of any size, for measuring."""
