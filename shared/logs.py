"""Logging: one JSON object per line on standard error, for people with `jq` and for machines."""

import logging
import sys

import structlog


def configure(level: str) -> None:
    """Set how this process logs.

    level: debug, info, warning or error.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries speak up only when something is wrong; our own lines say the rest.
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
