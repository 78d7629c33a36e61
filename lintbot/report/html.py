"""Pure: templates to HTML. They escape everything, and are constants of the package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from lintbot.model.findings import Finding
from lintbot.model.lint_run import Stage
from lintbot.model.repository import Repository
from lintbot.model.score import WEIGHTS
from lintbot.model.trust import SIGNALS
from lintbot.report import urls, words
from lintbot.report.markdown import visible, visible_code
from lintbot.report.patch import PROOF

_STAGES = (Stage.QUEUED, Stage.CHECKOUT, Stage.LINT, Stage.BASELINE, Stage.REPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where things are.

    Attributes:
        public_url: lintbot's own address.
        github_url: GitHub's web host.
        stylesheet: the path of the style sheet, which changes with its content.
        install_url: where to install the App; empty: no button.
        example: the ``owner/name`` whose badge the home page shows; empty: none.
        people: whether people can sign in.
    """

    public_url: str
    github_url: str
    stylesheet: str
    install_url: str = ""
    example: str = ""
    people: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that a page points to.

    Attributes:
        url: of the Atom feed, without ``.atom``.
    """

    url: str
    title: str


def render(template: str, site: Site, **values: object) -> str:
    """Return a page."""
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
        "visible_code": visible_code,
        "moment": moment,
        "query": query,
        "number": "{:,}".format,
    }
    environment.globals |= {
        "words": words,
        "count": words.count,
        "weights": WEIGHTS,
        "stages": _STAGES,
        "run_url": urls.run_url,
        "patch_url": urls.patch_url,
        "proof": PROOF,
        "repository_url": urls.repository_url,
        "account_url": urls.account_url,
        "badge_url": urls.badge_url,
        "package_url": urls.package_url,
        "advisory_url": urls.advisory_url,
        "trust_kinds": SIGNALS,
        "file_url": urls.file_url,
        "rule_url": urls.rule_url,
        "blob_url": _blob_url,
        "commit_url": _commit_url,
    }
    return environment


def query(values: dict[str, object]) -> str:
    """Return what stands after the question mark; empty values are left out."""
    return urlencode({k: v for k, v in values.items() if v not in ("", None)}, errors="replace")


def moment(at: datetime) -> str:
    """``24 Nov 2026, 02:45 UTC``."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def _commit_url(site: Site, repository: Repository, sha: str) -> str:
    return f"{site.github_url}/{quote(repository.full_name)}/commit/{sha}"


def _blob_url(
    site: Site, repository: Repository, sha: str, path: str, finding: Finding | None = None
) -> str:
    place = quote(path, errors="replace") + (f"#L{finding.line}" if finding else "")
    return f"{site.github_url}/{quote(repository.full_name)}/blob/{sha}/{place}"
