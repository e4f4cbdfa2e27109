"""Whose dollar it is: the dyes of money, their bracket, and the ring of payments."""
