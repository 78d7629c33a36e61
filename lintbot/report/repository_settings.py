"""Pure: the settings page of a repository."""

from __future__ import annotations

from dataclasses import dataclass, field

from lintbot.model.baseline import AcceptedBaseline
from lintbot.model.overview import RunOverview
from lintbot.model.people import BadgeToken
from lintbot.model.repository import Repository
from lintbot.report.html import Site, render
from lintbot.report.urls import badge_url


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsView:
    """What the settings page shows.

    Attributes:
        csrf: what its forms prove themselves with.
        new_token: a badge token that was made a moment ago; it is shown this once.
        latest: the newest lint run of the default branch that has a score.
        said: what was done, in plain words; empty: nothing.
    """

    repository: Repository
    csrf: str = field(repr=False)
    badge_token: BadgeToken | None
    baseline: AcceptedBaseline | None
    latest: RunOverview | None
    new_token: str = field(default="", repr=False)
    said: str = ""


def render_settings(site: Site, view: SettingsView) -> str:
    """Return the settings page of a repository."""
    repository = view.repository
    picture = badge_url(site.public_url, repository.account.login, repository.name)
    address = f"{picture}?token={view.new_token}" if view.new_token else ""
    return render(
        "repository_settings.html", site, view=view, repository=repository, badge_address=address
    )
