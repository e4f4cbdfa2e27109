"""What a run looks like: figures, colours and words."""
