"""Logs on standard error: lines of JSON, or plain text on a terminal.

What is bound to the context, such as the request's id, stands on every line.
Values under a name that tells a secret are struck out, whoever logs them.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET = re.compile(r"password|secret|token|cookie|authori[sz]ation|api_?key|session_key", re.I)


def set_up() -> None:
    """Configure structlog and the standard library; calling it again changes nothing."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        strike_out,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _StandardError)]:
        root.removeHandler(handler)
    root.addHandler(_handler(shared))
    logging.getLogger("billhook").setLevel(logging.INFO)


def _handler(shared: list[Any]) -> logging.Handler:
    meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if sys.stderr.isatty():
        plain = structlog.dev.plain_traceback  # the usual one prints the variables, secrets too
        last: list[Any] = [meta, structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    else:
        last = [
            meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ]
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last)
    )
    return handler


class _StandardError(logging.Handler):
    """Write to what is standard error at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:
            self.handleError(record)


def strike_out(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace values whose name tells that they are secret."""
    for name in event:
        if name != "event" and _SECRET.search(name):
            event[name] = "***"
    return event
