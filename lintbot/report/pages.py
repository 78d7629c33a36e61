"""Pure: the pages of repositories, commits, files, rules and accounts as HTML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lintbot.model.findings import Severity
from lintbot.model.lint_run import Judgement, LintRun
from lintbot.model.overview import RunOverview, make_overview
from lintbot.model.patch import Patch
from lintbot.model.repository import Repository
from lintbot.model.source import Excerpts, Explanation
from lintbot.model.summary import RunSummary
from lintbot.model.trust import TrustReport
from lintbot.report import listing
from lintbot.report.badge import LABEL, Badge
from lintbot.report.badge_svg import Style, render_svg
from lintbot.report.html import Feed, Site, query, render
from lintbot.report.listing import Filter, Side, list_findings
from lintbot.report.rules import documentation_url, split_rule
from lintbot.report.texts import render_markdown
from lintbot.report.trend import make_trend
from lintbot.report.urls import badge_url, repository_url

SHOWN_ROWS = 10
"""Rules and files that a repository's page shows at once; the rest is one click away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryView:
    """What the page of a repository shows.

    Attributes:
        latest: the newest lint run of the branch that has a score.
        history: of the branch, newest first.
        trust: the newest trust report; only on the page of the default branch.
    """

    repository: Repository
    branch: str
    branches: tuple[str, ...]
    latest: RunOverview | None
    history: tuple[RunSummary, ...]
    trust: TrustReport | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What the address narrows a list of findings to; ``side`` None: what suits the page."""

    side: Side | None = None
    rule: str = ""
    path: str = ""
    severity: Severity | None = None
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """What the page of a commit, a file or a rule shows.

    Attributes:
        branch: when it is not the default branch whose newest commit is shown.
        excerpts: source of the commit; where fixed findings are shown, of the one compared with.
        explanation: of the rule, where one is shown.
        patch: what mends some of the findings, on the page of a commit.
    """

    repository: Repository
    run: LintRun
    narrowed: Narrowed
    branch: str = ""
    excerpts: Excerpts = field(default_factory=dict)
    explanation: Explanation | None = None
    patch: Patch | None = None


def render_home(site: Site) -> str:
    """Return the page for people who have never heard of lintbot."""
    examples = [
        ("9.42/10", "brightgreen"),
        ("7.10/10 partial", "yellow"),
        ("3.05/10", "red"),
        ("unknown", "lightgrey"),
    ]
    badges = [(message, _data_url(message, color)) for message, color in examples]
    return render("home.html", site, badges=badges)


def _data_url(message: str, color: str) -> str:
    svg = render_svg(label=LABEL, message=message, color=color, style=Style.FLAT)
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()


def render_not_found(site: Site) -> str:
    """Return the page of everything that is not there, or not for strangers to see."""
    return render("not_found.html", site)


def render_unavailable(site: Site) -> str:
    """Return the page for when the database is out of reach."""
    return render("unavailable.html", site)


def render_repository(site: Site, view: RepositoryView) -> str:
    """Return the report page of a repository."""
    return render(
        "repository.html",
        site,
        view=view,
        repository=view.repository,
        feed=feed_of(view.repository),
        overview=view.latest.overview if view.latest else None,
        newest=view.history[0] if view.history else None,
        trend=make_trend(view.history),
        snippets=_snippets(site, view.repository, view.branch),
        shown_rows=SHOWN_ROWS,
    )


def list_branches(history: Iterable[RunSummary], default: str) -> tuple[str, ...]:
    """Return the branches with lint runs, the default branch first, then by recency."""
    names = dict.fromkeys(run.branch for run in history if run.branch)
    return tuple(dict.fromkeys((default, *names)))


def render_run(site: Site, view: RunView) -> str:
    """Return the page of one commit, with one page of its findings."""
    judgement = view.run.judgement
    return render(
        "run.html",
        site,
        view=view,
        repository=view.repository,
        feed=feed_of(view.repository),
        run=view.run,
        patch=view.patch,
        judgement=judgement,
        **(_findings(view, judgement, by_default=_first_side(judgement)) if judgement else {}),
    )


def render_file(site: Site, view: RunView, judgement: Judgement) -> str:
    """Return the page of one file at the newest commit of a branch that has a score."""
    return render(
        "file.html",
        site,
        view=view,
        repository=view.repository,
        feed=feed_of(view.repository),
        run=view.run,
        judgement=judgement,
        **_findings(view, judgement, by_default=Side.ALL),
    )


def render_rule(site: Site, view: RunView, judgement: Judgement) -> str:
    """Return the page of one rule: what it means, and its findings."""
    rule, said = view.narrowed.rule, view.explanation
    tool, code = split_rule(rule)
    name = said.name if said else _symbol(judgement, rule)
    return render(
        "rule.html",
        site,
        view=view,
        repository=view.repository,
        feed=feed_of(view.repository),
        run=view.run,
        judgement=judgement,
        tool=tool,
        code=code,
        name=name,
        documentation=documentation_url(rule, name),
        text=_explain(said) if said else None,
        **_findings(view, judgement, by_default=Side.ALL),
    )


def _symbol(judgement: Judgement, rule: str) -> str:
    """Return the readable name that a finding gives its rule; empty if none does."""
    findings = judgement.comparison.new + judgement.comparison.unchanged
    return next((it.symbol for it in findings if it.rule == rule), "")


def _explain(said: Explanation) -> str:
    """Return a tool's words; its links lead to its own documentation, or nowhere."""
    if not said.markdown:
        return said.text
    return render_markdown(
        said.text, below=2, link=lambda to: to if to.startswith("https://") else ""
    )


def _first_side(judgement: Judgement | None) -> Side:
    return Side.NEW if judgement and judgement.comparison.new else Side.ALL


def _findings(view: RunView, judgement: Judgement, by_default: Side) -> dict[str, object]:
    narrowed = view.narrowed
    wanted = Filter(
        side=narrowed.side or by_default,
        rule=narrowed.rule,
        path=narrowed.path,
        severity=narrowed.severity,
    )
    fixed = wanted.side is Side.FIXED
    return {
        "wanted": wanted,
        "listing": list_findings(judgement, wanted, narrowed.page, view.excerpts),
        "overview": make_overview(judgement),
        "sides": [(side, listing.count_side(judgement, side)) for side in Side],
        "new_prints": {it.fingerprint for it in judgement.comparison.new},
        "at": judgement.comparison.baseline_sha if fixed else view.run.job.head_sha,
    }


def feed_of(repository: Repository) -> Feed:
    """Return the feed of a repository."""
    url = repository_url("", repository.account.login, repository.name)
    return Feed(f"{url}/feed", f"lintbot: {repository.full_name}")


def render_badge_page(
    site: Site,
    repository: Repository,
    branch: str,
    badge: Badge,
    headers: Sequence[tuple[str, str]],
) -> str:
    """Return the page that says what a badge shows now, and what caches are told of it."""
    return render(
        "badge.html",
        site,
        repository=repository,
        branch=branch,
        badge=badge,
        headers=headers,
        snippets=_snippets(site, repository, branch),
    )


def _snippets(site: Site, repository: Repository, branch: str) -> Sequence[tuple[str, str]]:
    """Return what to paste into a README, by markup language."""
    owner, name = repository.account.login, repository.name
    other = "" if branch == repository.default_branch else branch
    narrowed = "?" + query({"branch": other}) if other else ""
    image = badge_url(site.public_url, owner, name) + narrowed
    page = repository_url(site.public_url, owner, name) + narrowed
    return (
        ("Markdown", f"[![lint]({image})]({page})"),
        ("reStructuredText", f".. image:: {image}\n   :target: {page}\n   :alt: lint"),
        ("HTML", f'<a href="{page}"><img src="{image}" alt="lint"></a>'),
    )
