"""The page: watch the money go round, pull a lever, fork the world."""
