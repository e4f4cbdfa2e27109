"""Who acts: one institution a file, its decisions and nothing else."""
