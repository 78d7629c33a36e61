"""Pure: the pages of people who sign in."""

from __future__ import annotations

from lintbot.model.people import Person
from lintbot.report.html import Site, render


def render_me(site: Site, person: Person | None, csrf: str) -> str:
    """Return the page that says who is signed in; None: nobody is."""
    return render("me.html", site, person=person, csrf=csrf)


def render_sign_in_failed(site: Site, words: str) -> str:
    """Return the page that says why nobody was signed in or out."""
    return render("sign_in_failed.html", site, words=words)
