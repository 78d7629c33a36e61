"""Pure: what a person may ask for with a button in the completed check run.

https://docs.github.com/en/rest/checks/runs#create-a-check-run ("actions")
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from lintbot.model.ids import AccountId, LintRunId, RepositoryId

MAX_ACTIONS: Final = 3
MAX_LABEL_CHARACTERS: Final = 20
MAX_DESCRIPTION_CHARACTERS: Final = 40
MAX_IDENTIFIER_CHARACTERS: Final = 20


class Action(StrEnum):
    """A button; its value is the identifier that GitHub sends back."""

    RELINT = "relint"
    ACCEPT_BASELINE = "accept_baseline"
    SHOW_PATCH = "show_patch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button as GitHub shows it. It refuses longer texts, so they are checked here."""

    action: Action
    label: str
    description: str

    def __post_init__(self) -> None:
        """Refuse what GitHub would refuse.

        Raises:
            ValueError: a text is empty or too long.
        """
        for text, most in (
            (self.label, MAX_LABEL_CHARACTERS),
            (self.description, MAX_DESCRIPTION_CHARACTERS),
            (self.action.value, MAX_IDENTIFIER_CHARACTERS),
        ):
            if not 1 <= len(text) <= most:
                raise ValueError(f"a button's text has 1 to {most} characters: {text!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedAction:
    """Somebody pressed a button; whether they may is asked when it is carried out.

    Attributes:
        run_id: the lint run whose check run it was; as GitHub gave it back, so perhaps none.
        sender_id: the numeric id of who pressed; ``sender_login`` is the name of today.
        requested_at: aware UTC; tells one press from the next.
    """

    action: Action
    run_id: LintRunId
    repository_id: RepositoryId
    sender_id: AccountId
    sender_login: str
    requested_at: datetime
