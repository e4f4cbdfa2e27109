"""What is measured: the collector and its series, networks, fragility, the reckoning and the verdict."""
