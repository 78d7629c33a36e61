"""Pure: the pages of ``lintbot setup``."""

from __future__ import annotations

from dataclasses import dataclass, field

from lintbot.model.app import NewApp
from lintbot.report.html import Site, render


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupView:
    """What the first page shows.

    Attributes:
        organization: that the App is registered for; empty: the person's own account.
        manifest: JSON.
        action: where the form goes to, on GitHub.
    """

    key: str = field(repr=False)
    organization: str
    manifest: str
    action: str


def render_setup(site: Site, view: SetupView) -> str:
    """Return the page that leads to GitHub."""
    return render("setup.html", site, view=view)


def render_set_up(site: Site, app: NewApp) -> str:
    """Return the page that says what to do with the new App; it shows no secret."""
    return render("set_up.html", site, app=app)


def render_setup_failed(site: Site, words: str) -> str:
    """Return the page that says why there is no App."""
    return render("setup_failed.html", site, words=words)
