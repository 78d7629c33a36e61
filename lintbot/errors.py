"""Pure: the error tree. An error's class says who sees it and whether to try again."""

from __future__ import annotations


class LintbotError(Exception):
    """Base of every error that lintbot raises on purpose."""


class UserError(LintbotError):
    """Something that the repository or the person at the keyboard can mend.

    The text is shown to them as it stands, so it says what to do.
    """


class SettingsError(UserError):
    """One or more settings are missing or malformed; the text names all of them."""


class LimitError(UserError):
    """A documented limit was passed (size, file count, path length, time).

    The check run completes ``neutral`` with this text.
    """


class TransientError(LintbotError):
    """The outside world failed in a way that may pass: try again.

    Attributes:
        retry_after_seconds: how long the other side asked to wait, or None if it did not say.
    """

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class PermanentError(LintbotError):
    """The outside world refused for good: trying again cannot help."""


class GoneError(PermanentError):
    """The installation or the repository is out of reach: revoked, suspended, deleted."""


class SignedOutError(PermanentError):
    """GitHub does not take a person's token or code (any more): they must sign in again."""


class DeliveryError(PermanentError):
    """A webhook delivery is not what GitHub sends; the text says what is wrong with it."""


class ForgedDeliveryError(DeliveryError):
    """A webhook delivery does not carry a signature made with our secret."""


class SandboxUnavailableError(PermanentError):
    """No sandbox tier holds on this machine, so nothing from a repository may run."""


class ToolSetError(LintbotError):
    """A tool in the version that a repository pins is not there (yet); the text says why."""
