"""Files that people bring in by pages: matched, tried, stored, and what came of each."""

from billhook.services.import_runs.bringing import (
    FileColumn,
    bring,
    columns_of,
    fields_of,
    template,
)
from billhook.services.import_runs.reading import check, store, work
from billhook.services.import_runs.showing import (
    ImportEntry,
    Options,
    Result,
    Stage,
    bad_rows,
    get,
    listing,
)

__all__ = [
    "FileColumn",
    "ImportEntry",
    "Options",
    "Result",
    "Stage",
    "bad_rows",
    "bring",
    "check",
    "columns_of",
    "fields_of",
    "get",
    "listing",
    "store",
    "template",
    "work",
]
