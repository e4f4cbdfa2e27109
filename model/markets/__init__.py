"""One market a file."""
