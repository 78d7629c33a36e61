"""Pure: a GitHub App that was registered a moment ago, with everything that GitHub tells once."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApp:
    """An App's credentials.

    Attributes:
        html_url: its page on GitHub.
        private_key: PEM.
    """

    id: int
    name: str
    html_url: str
    client_id: str
    client_secret: str = field(repr=False)
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
