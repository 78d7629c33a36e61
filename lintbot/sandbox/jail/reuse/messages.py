"""Shell: pylint's messages as plain values, and said again."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Self

from .recorder import RECORDER

Plain = list[Any]
_FIELDS = ("msg_id", "symbol", "path", "module", "obj", "line", "column", "end_line", "end_column")


class Collected:
    """Everything that a linter says, inside the ``with``; it is said as usual, too.

    Attributes:
        messages: pylint's own values.
    """

    def __init__(self, linter: Any) -> None:
        self._reporter = linter.reporter
        self.messages: list[Any] = []

    def __enter__(self) -> Self:
        """Begin to collect."""
        say = self._reporter.handle_message

        def say_and_keep(message: Any) -> None:
            self.messages.append(message)
            say(message)

        self._reporter.handle_message = say_and_keep
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the reporter as it was."""
        del self._reporter.handle_message  # the class's own shows again

    def plain(self) -> list[Plain]:
        """Return them as values that JSON can hold, without the checkout's own path."""
        return [
            [
                *(getattr(message, name) for name in _FIELDS),
                message.msg.replace(RECORDER.root, ""),
                message.confidence.name,
            ]
            for message in self.messages
        ]


def make_messages(messages: list[Plain]) -> list[Any]:
    """Return pylint's own values of plain ones.

    Raises:
        LookupError, TypeError, ValueError: they are damaged.
    """
    interfaces = import_module("pylint.interfaces")
    message_of = import_module("pylint.message").Message
    place_of = import_module("pylint.typing").MessageLocationTuple
    made = []
    for msg_id, symbol, path, *where, text, confidence in messages:
        place = place_of(RECORDER.root + path, path, *where)
        made.append(message_of(msg_id, symbol, place, text, interfaces.CONFIDENCE_MAP[confidence]))
    return made


def say_again(linter: Any, messages: list[Any]) -> None:
    """Say messages, as if a walk had found them just now."""
    constants = import_module("pylint.constants")
    for message in messages:
        linter.msg_status |= constants.MSG_TYPES_STATUS[message.C]
        linter.stats.increase_single_message_count(message.category, 1)
        linter.reporter.handle_message(message)
