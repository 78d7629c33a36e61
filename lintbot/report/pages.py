"""Pure: the pages as HTML. Templates escape everything; they are constants of the package."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from lintbot.model.findings import Finding
from lintbot.model.lint_run import LintRun, Stage
from lintbot.model.overview import count_files, count_messages, count_rules
from lintbot.model.patch import Patch
from lintbot.model.repository import Repository
from lintbot.model.score import WEIGHTS
from lintbot.model.summary import RunSummary
from lintbot.report import views, words
from lintbot.report.badge_svg import Style, render_svg
from lintbot.report.markdown import visible
from lintbot.report.patch import PROOF
from lintbot.report.urls import badge_url, patch_url, repository_url, run_url

SHOWN_ROWS = 10
"""Rules and files on a repository's page; the commit's page has all."""
_STAGES = (Stage.QUEUED, Stage.CHECKOUT, Stage.LINT, Stage.BASELINE, Stage.REPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where things are.

    Attributes:
        public_url: lintbot's own address.
        github_url: GitHub's web host.
        stylesheet: the path of the style sheet, which changes with its content.
        install_url: where to install the App; empty: no button.
    """

    public_url: str
    github_url: str
    stylesheet: str
    install_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryView:
    """What the page of a repository shows.

    Attributes:
        latest: the newest lint run of the branch that has a score.
        history: of the branch, newest first.
    """

    repository: Repository
    branch: str
    branches: tuple[str, ...]
    latest: LintRun | None
    history: tuple[RunSummary, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """What the page of a commit shows; ``wanted.side`` None: new findings, or all of them."""

    repository: Repository
    run: LintRun
    patch: Patch | None = None
    side: views.Side | None = None
    rule: str = ""
    path: str = ""
    page: int = 1


def render_home(site: Site) -> str:
    """Return the page for people who have never heard of lintbot."""
    examples = [
        ("9.42/10", "brightgreen"),
        ("7.10/10 partial", "yellow"),
        ("3.05/10", "red"),
        ("unknown", "lightgrey"),
    ]
    badges = [(message, _data_url(message, color)) for message, color in examples]
    return _render("home.html", site, badges=badges)


def _data_url(message: str, color: str) -> str:
    svg = render_svg(label="lint", message=message, color=color, style=Style.FLAT)
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def render_not_found(site: Site) -> str:
    """Return the page of everything that is not there, or not for strangers to see."""
    return _render("not_found.html", site)


def render_unavailable(site: Site) -> str:
    """Return the page for when the database is out of reach."""
    return _render("unavailable.html", site)


def render_repository(site: Site, view: RepositoryView) -> str:
    """Return the report page of a repository."""
    judgement = view.latest.judgement if view.latest else None
    newest = view.history[0] if view.history else None
    return _render(
        "repository.html",
        site,
        view=view,
        repository=view.repository,
        judgement=judgement,
        newest=newest,
        trend=views.make_trend(view.history),
        rules=count_rules(judgement.comparison) if judgement else (),
        files=count_files(judgement.comparison) if judgement else (),
        snippets=_snippets(site, view),
    )


def render_run(site: Site, view: RunView) -> str:
    """Return the page of one commit, with one page of its findings."""
    judgement = view.run.judgement
    wanted, listing = None, None
    if judgement:
        side = view.side or (views.Side.NEW if judgement.comparison.new else views.Side.ALL)
        wanted = views.Filter(side=side, rule=view.rule, path=view.path)
        listing = views.list_findings(judgement, wanted, view.page)
    return _render(
        "run.html",
        site,
        view=view,
        repository=view.repository,
        run=view.run,
        patch=view.patch,
        judgement=judgement,
        wanted=wanted,
        listing=listing,
        rules=count_rules(judgement.comparison) if judgement else (),
        sides=[(side, views.count_side(judgement, side)) for side in views.Side]
        if judgement
        else (),
    )


def _snippets(site: Site, view: RepositoryView) -> Sequence[tuple[str, str]]:
    """Return what to paste into a README, by markup language."""
    owner, name = view.repository.account.login, view.repository.name
    branch = "" if view.branch == view.repository.default_branch else view.branch
    query = "?" + urlencode({"branch": branch}) if branch else ""
    image = badge_url(site.public_url, owner, name) + query
    page = repository_url(site.public_url, owner, name) + query
    return (
        ("Markdown", f"[![lint]({image})]({page})"),
        ("reStructuredText", f".. image:: {image}\n   :target: {page}\n   :alt: lint"),
        ("HTML", f'<a href="{page}"><img src="{image}" alt="lint"></a>'),
    )


def _render(template: str, site: Site, **values: object) -> str:
    return _environment().get_template(template).render(site=site, **values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("lintbot.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "visible": visible,
        "moment": _moment,
        "query": _query,
        "env_counts": count_messages,
    }
    environment.globals |= {
        "words": words,
        "count": words.count,
        "weights": WEIGHTS,
        "stages": _STAGES,
        "shown_rows": SHOWN_ROWS,
        "run_url": run_url,
        "patch_url": patch_url,
        "proof": PROOF,
        "repository_url": repository_url,
        "blob_url": _blob_url,
        "commit_url": _commit_url,
    }
    return environment


def _query(values: dict[str, object]) -> str:
    """Return what stands after the question mark; empty values are left out."""
    return urlencode({k: v for k, v in values.items() if v != ""}, errors="replace")


def _moment(at: datetime) -> str:
    """``24 Nov 2026, 02:45 UTC``."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def _commit_url(site: Site, repository: Repository, sha: str) -> str:
    return f"{site.github_url}/{quote(repository.full_name)}/commit/{sha}"


def _blob_url(
    site: Site, repository: Repository, sha: str, path: str, finding: Finding | None = None
) -> str:
    place = quote(path, errors="replace") + (f"#L{finding.line}" if finding else "")
    return f"{site.github_url}/{quote(repository.full_name)}/blob/{sha}/{place}"
