"""PDF for Billhook: a document's page becomes a file, in a process that can do nothing else."""

__version__ = "0.1.0"
