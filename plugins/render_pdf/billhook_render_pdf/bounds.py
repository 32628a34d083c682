"""What one rendering may take; past a bound it ends, and nothing else with it."""

from datetime import timedelta

MB = 1024 * 1024

HTML_BYTES = 4 * MB
RESOURCE_BYTES = 20 * MB
"""Of all resources of a page together."""
DATA_BYTES = 1 * MB
"""Of a picture that stands in the markup itself, as a `data:` address."""
PIXELS = 25_000_000
"""Of one picture, decoded: 100 MB of memory."""
DEPTH = 100
"""Of elements within elements."""

MEMORY_BYTES = 1024 * MB
"""Address space, of which the warm process brings about 300 MB along."""
FILE_BYTES = 64 * MB
OPEN_FILES = 64
CPU = timedelta(seconds=60)
LAYOUT = timedelta(seconds=90)
"""By the clock, after which the library itself gives up."""
WALL = timedelta(seconds=100)
"""By the clock, after which the process is ended."""
ANSWER = timedelta(seconds=170)
"""How long the caller waits, other renderings before its own included; below the core's deadline."""

IDLE = timedelta(seconds=60)
"""The warm process ends after so long without work."""
START = timedelta(seconds=30)
"""A warm process that is not ready by then is not going to be."""
