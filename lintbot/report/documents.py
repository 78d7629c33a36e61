"""Pure: the documentation as pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from posixpath import basename
from types import MappingProxyType
from typing import Final

from lintbot.report.html import Site, render
from lintbot.report.texts import render_markdown, title_of

ORDER: Final = (
    "badge",
    "score",
    "trust",
    "what-it-is-not",
    "repository-settings",
    "configuration",
    "plans",
    "permissions",
    "security",
    "data",
)
"""The documents that are pages, by their file's name; each is at ``/docs/NAME``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Documents:
    """The documents: Markdown by name."""

    texts: Mapping[str, str]

    @property
    def titles(self) -> Mapping[str, str]:
        """The title of each, in their order."""
        return MappingProxyType({name: title_of(self.texts[name]) for name in ORDER})


def render_document(site: Site, documents: Documents, name: str) -> str:
    """Return the page of one document; an empty name gives the first page, with all of them."""
    if not name:
        return render("documents.html", site, titles=documents.titles)
    return render(
        "document.html",
        site,
        name=name,
        titles=documents.titles,
        text=render_markdown(documents.texts[name], below=1, link=_link),
    )


def _link(target: str) -> str:
    """Return where a link of a document leads on the site; empty: to no page of it."""
    if ":" in target or target.startswith("#"):
        return target
    path, hash_sign, anchor = target.partition("#")
    name = basename(path).removesuffix(".md")
    return f"/docs/{name}{hash_sign}{anchor}" if name in ORDER else ""
