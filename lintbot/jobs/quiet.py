"""Shell: the engine's log lines go where ours go, without those that are no news."""

from __future__ import annotations

import logging

from dbos import error as engine_errors

_ON_PURPOSE = (
    engine_errors.DBOSWorkflowCancelledError,
    engine_errors.DBOSAwaitedWorkflowCancelledError,
    engine_errors.DBOSWorkflowConflictIDError,
)


def quieten() -> None:
    """Send the engine's records to the root logger and drop tracebacks of cancelled jobs.

    The engine would add a handler of its own if its logger had none.
    """
    logger = logging.getLogger("dbos")
    if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
        logger.addHandler(logging.NullHandler())
        logger.setLevel(logging.WARNING)
    logger.propagate = True
    for name in ("dbos", "asyncio"):
        logging.getLogger(name).addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Tell a failure from a job that was cancelled, or taken over, on purpose."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, _ON_PURPOSE)
