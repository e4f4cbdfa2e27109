"""What nobody in the model decides: demand, technology, opinion, funding conditions, random streams."""
