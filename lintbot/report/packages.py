"""Pure: what is known of one package of the index, as a page, feeds and plain data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_version

from lintbot.model.package import EventKind, Observation, PackageEvent
from lintbot.model.repository import Repository
from lintbot.model.trust import TrustReport
from lintbot.report.api import Json
from lintbot.report.feed import Entry, FeedView, newest_entries, tag
from lintbot.report.html import Feed, Site, render
from lintbot.report.trust_json import signals_json
from lintbot.report.urls import advisory_url, package_url, packages_url, repository_url

LOUD = frozenset(
    {
        EventKind.VANISHED,
        EventKind.REREGISTERED,
        EventKind.EMPTIED,
        EventKind.YANKED,
        EventKind.DELETED,
        EventKind.QUARANTINED,
    }
)
"""What the feed of everything tells; the rest is in the package's own. Known vulnerabilities are
too many for it: those who require a package are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageView:
    """What the page of a package shows.

    Attributes:
        name: normalised.
        seen: what the watch knows; None: it was never looked up.
        report: from its newest source distribution; None: there is none, and ``trouble`` or
            ``waiting`` says why.
        events: newest first.
    """

    name: str
    seen: Observation | None
    report: TrustReport | None
    trouble: str
    waiting: bool
    events: tuple[PackageEvent, ...]


def render_package(site: Site, view: PackageView) -> str:
    """Return the page of a package."""
    feed = Feed(url=f"{package_url('', view.name)}/feed", title=f"lintbot: {view.name}")
    return render("package.html", site, view=view, feed=feed)


def render_packages(site: Site, events: Sequence[PackageEvent]) -> str:
    """Return the page of what vanished and was yanked lately."""
    feed = Feed(url=f"{packages_url('')}/feed", title="lintbot: vanished and yanked")
    return render("packages.html", site, events=events, feed=feed)


def package_json(view: PackageView) -> Json:
    """Return the page as plain data; there is no letter for a package, facts only."""
    project = view.seen.project if view.seen else None
    return {
        "name": view.name,
        "presence": view.seen.presence.value if view.seen else "unknown",
        "status": project.status.value if project else "unknown",
        "waiting": view.waiting,
        "trouble": view.trouble,
        "source": view.report.sha if view.report else None,
        "computed_at": view.report.computed_at.isoformat() if view.report else None,
        "signals": signals_json(view.report.signals) if view.report else None,
        "events": [
            {"title": it.title, "kind": it.kind.value, "version": it.version, "reason": it.reason}
            | {"advisory": it.advisory, "at": it.at.isoformat()}
            for it in view.events
        ],
    }


def package_feed(public_url: str, name: str, events: Iterable[PackageEvent]) -> FeedView:
    """Return the feed of one package."""
    page = package_url(public_url, name)
    return FeedView(
        id=tag(public_url, f"package:{name}"),
        title=f"lintbot: {name} on the package index",
        url=f"{page}/feed",
        page=page,
        entries=newest_entries(_entry(public_url, it) for it in events),
    )


def removals_feed(public_url: str, events: Iterable[PackageEvent]) -> FeedView:
    """Return the feed of all that vanished, was emptied, quarantined, yanked or deleted."""
    page = packages_url(public_url)
    return FeedView(
        id=tag(public_url, "packages"),
        title="lintbot: vanished and yanked packages",
        url=f"{page}/feed",
        page=page,
        entries=newest_entries(_entry(public_url, it) for it in events if it.kind in LOUD),
    )


def dependency_entries(
    public_url: str,
    repository: Repository,
    events: Iterable[PackageEvent],
    report: TrustReport | None,
) -> list[Entry]:
    """Return the entries of a repository's feed about the packages that it requires.

    A vulnerability, or a release that was yanked or deleted, concerns it where it pins that
    version, or no version at all.

    Args:
        public_url: lintbot's own address.
        repository: whose feed it is.
        events: that happened to these packages.
        report: says what it pins; None: nobody knows, so no advisory is told and every release.
    """
    owner, name = repository.account.login, repository.name
    return [
        Entry(
            id=tag(public_url, f"repository:{repository.id}:{_key(it)}"),
            title=f"Dependency {it.title}",
            text=_text(it),
            url=repository_url(public_url, owner, name) + "#trust",
            at=it.at,
        )
        for it in events
        if _concerns(it, report)
    ]


def _concerns(event: PackageEvent, report: TrustReport | None) -> bool:
    if event.kind is EventKind.VULNERABLE:
        if report is None:
            return False
        return event.advisory in report.advisories.get(event.name, (event.advisory,))
    if event.kind not in {EventKind.YANKED, EventKind.DELETED} or report is None:
        return True
    if event.name not in report.advisories:
        return True  # nothing pins it
    asked = [it.requirement for it in report.dependencies if it.requirement.name == event.name]
    gone = canonicalize_version(event.version)
    return any(it.pinned is None or canonicalize_version(it.pinned) == gone for it in asked)


def hand_off_entries(
    public_url: str, repository: Repository, report: TrustReport | None
) -> list[Entry]:
    """Return the entry of a repository that seeks a co-maintainer: facts only, and its own wish."""
    if report is None or report.seeks_since is None:
        return []
    owner, name = repository.account.login, repository.name
    signals = [it for key in ("bus-factor", "maintained") if (it := report.signal(key))]
    facts = "; ".join(fact for signal in signals for fact in signal.facts)
    return [
        Entry(
            id=tag(public_url, f"repository:{repository.id}:seeks:{report.seeks_since:%Y%m%d}"),
            title="This project seeks a co-maintainer",
            text=f"{repository.full_name} says that it seeks a co-maintainer. {facts}.",
            url=repository_url(public_url, owner, name) + "#trust",
            at=report.seeks_since,
        )
    ]


def _entry(public_url: str, event: PackageEvent) -> Entry:
    return Entry(
        id=tag(public_url, f"package:{_key(event)}"),
        title=event.title,
        text=_text(event),
        url=package_url(public_url, event.name),
        at=event.at,
    )


def _key(event: PackageEvent) -> str:
    if event.advisory:
        return f"{event.name}:{event.kind.value}:{event.advisory}"
    return f"{event.name}:{event.version}:{event.kind.value}:{event.at:%Y%m%d%H%M%S}"


def _text(event: PackageEvent) -> str:
    who = "advisory" if event.advisory else "index"
    reason = f" The {who} says: {event.reason}" if event.reason else ""
    source = f" Source: {advisory_url(event.advisory)} (CC-BY 4.0)" if event.advisory else ""
    return f"{event.title}, seen by lintbot on {event.at:%Y-%m-%d}.{reason}{source}"
