"""The reference of the API that people read and try, from its description and nothing else."""
