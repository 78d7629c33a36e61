"""Pure: what happened on default branches, as Atom and JSON Feed.

https://www.rfc-editor.org/rfc/rfc4287 and https://www.jsonfeed.org/version/1.1/. Ids are tag URIs
(RFC 4151) on GitHub's numbers, so that a reader shows nothing twice when a repository is renamed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from lintbot.model.lint_run import Conclusion
from lintbot.model.overview import Overview, RunOverview
from lintbot.model.repository import Repository
from lintbot.report.api import Json
from lintbot.report.markdown import visible
from lintbot.report.trend import describe_versions
from lintbot.report.urls import account_url, repository_url, run_url
from lintbot.report.words import count

MAX_ENTRIES = 50
MAX_NAMED_RULES = 20
_TAG_DATE = "2026"
"""When the ids were coined; it never changes."""
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
"""Of a feed in which nothing happened yet."""
_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened.

    Attributes:
        id: a tag URI that never changes.
        text: plain sentences, one a line.
    """

    id: str
    title: str
    text: str
    url: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedView:
    """A feed: ``url`` is its own address without ``.atom`` or ``.json``, ``page`` people's."""

    id: str
    title: str
    url: str
    page: str
    entries: tuple[Entry, ...]

    @property
    def updated(self) -> datetime:
        """When something happened last."""
        return max((entry.at for entry in self.entries), default=_LONG_AGO)


def repository_feed(
    public_url: str,
    repository: Repository,
    runs: Sequence[RunOverview],
    more: Iterable[Entry] = (),
) -> FeedView:
    """Return the feed of a repository from the runs of its default branch, newest first.

    Args:
        public_url: lintbot's own address.
        repository: whose feed it is.
        runs: of its default branch, newest first.
        more: entries about something else than lint runs.
    """
    page = repository_url(public_url, repository.account.login, repository.name)
    return FeedView(
        id=tag(public_url, f"repository:{repository.id}"),
        title=f"lintbot: {repository.full_name}",
        url=f"{page}/feed",
        page=page,
        entries=newest_entries([*make_entries(public_url, repository, runs), *more]),
    )


def account_feed(
    public_url: str, repositories: Sequence[tuple[Repository, Sequence[RunOverview]]]
) -> FeedView:
    """Return the feed of an account from its repositories (at least one) and their runs."""
    account = repositories[0][0].account
    page = account_url(public_url, account.login)
    entries = (
        entry
        for repository, runs in repositories
        for entry in make_entries(public_url, repository, runs, named=True)
    )
    return FeedView(
        id=tag(public_url, f"account:{account.id}"),
        title=f"lintbot: {account.login}",
        url=f"{page}/feed",
        page=page,
        entries=newest_entries(entries),
    )


def newest_entries(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return what a feed shows: the newest first, 50 at most."""
    ranked = sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True)
    return tuple(ranked[:MAX_ENTRIES])


def make_entries(
    public_url: str, repository: Repository, runs: Sequence[RunOverview], *, named: bool = False
) -> list[Entry]:
    """Return what happened between runs of one branch.

    Args:
        public_url: lintbot's own address.
        repository: whose branch it is.
        runs: decided, newest first. The oldest one only tells what the next one is compared with.
        named: the titles name the repository.
    """
    entries: list[Entry] = []
    judged = [(it.overview, it) for it in reversed(runs) if it.overview is not None]
    for (before, _), (after, run) in pairwise(judged):
        place = _Place(public_url, repository, run, named=named)
        for kind, title, text in _events(before, after, run):
            entries.append(place.entry(kind, title, text))
    return entries


@dataclass(frozen=True, slots=True)
class _Place:
    """The commit that entries are about."""

    public_url: str
    repository: Repository
    run: RunOverview
    named: bool

    def entry(self, kind: str, title: str, text: str) -> Entry:
        job, owner = self.run.job, self.repository.account.login
        name = f"{self.repository.full_name}: " if self.named else ""
        return Entry(
            id=tag(self.public_url, f"{job.run_id}:{kind}"),
            title=visible(name + title),
            text=text,
            url=run_url(self.public_url, owner, self.repository.name, job.head_sha),
            at=job.received_at,
        )


def _events(before: Overview, after: Overview, run: RunOverview) -> Iterable[tuple[str, str, str]]:
    """Give kind, title and text of everything that happened at a commit."""
    commit = f"Commit {run.job.head_sha[:7]}."
    if run.verdict is not None and run.verdict.conclusion is Conclusion.FAILURE:
        found = count(after.new, "new finding")
        yield "failure", f"The check failed: {found}", f"{commit} {found}, {after.fixed:,} fixed."
    if before.score and after.score and before.score.hundredths != after.score.hundredths:
        title = f"Score {before.score} → {after.score}, grade {after.score.grade}"
        partial = " It is partial: not everything could be judged." if after.score.partial else ""
        yield "score", title, f"{commit} {title}.{partial}"
    upgrades = describe_versions(_versions(before), _versions(after))
    if upgrades:
        words = ", ".join(upgrades)
        yield "upgrade", f"Other tools: {words}", f"{commit} The tools changed: {words}."
    new_rules = _new_rules(before, after)
    if new_rules:
        named = ", ".join(new_rules[:MAX_NAMED_RULES])
        more = len(new_rules) - MAX_NAMED_RULES
        title = f"{count(len(new_rules), 'rule')} with first findings: {named}"
        rest = f" and {more:,} more" if more > 0 else ""
        yield "rules", f"{title}{rest}", f"{commit} {title}{rest}."


def _versions(overview: Overview) -> dict[str, str]:
    tools = overview.result.tools
    return {name: version for tool in tools for name, version in tool.versions.items()}


def _new_rules(before: Overview, after: Overview) -> list[str]:
    known = {rule.key for rule in before.rules}
    return [f"{rule.key} {rule.name}".strip() for rule in after.rules if rule.key not in known]


def tag(public_url: str, what: str) -> str:
    """Return an id that never changes (RFC 4151)."""
    return f"tag:{urlsplit(public_url).hostname},{_TAG_DATE}:{what}"


def render_atom(feed: FeedView) -> bytes:
    """Return the feed as Atom."""
    root = ET.Element("feed", {"xmlns": _ATOM})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated.isoformat())
    ET.SubElement(root, "link", {"rel": "self", "href": f"{feed.url}.atom"})
    ET.SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": feed.page})
    _add(ET.SubElement(root, "author"), "name", "lintbot")
    for entry in feed.entries:
        element = ET.SubElement(root, "entry")
        _add(element, "id", entry.id)
        _add(element, "title", entry.title)
        _add(element, "updated", entry.at.isoformat())
        ET.SubElement(element, "link", {"href": entry.url})
        _add(element, "content", entry.text)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NOT_XML.sub("�", text)


def feed_json(feed: FeedView) -> Json:
    """Return the feed as JSON Feed 1.1."""
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": f"{feed.url}.json",
        "authors": [{"name": "lintbot"}],
        "items": [
            {
                "id": entry.id,
                "url": entry.url,
                "title": entry.title,
                "content_text": entry.text,
                "date_published": entry.at.isoformat(),
            }
            for entry in feed.entries
        ],
    }
