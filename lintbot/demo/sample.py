"""Pure: the sample project of ``lintbot demo``: five commits that tell a small story."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCommit:
    """One commit: its subject and the files that it writes, path to text."""

    subject: str
    files: dict[str, str]


_SETUP_CFG = """\
[flake8]
max-line-length = 100

[pylint.format]
max-line-length = 100
"""

_SHELF = '''\
"""A shelf of books."""
import os
import json


class Shelf:
    """Books by title."""

    def __init__(self):
        self.books = {}

    def add(self, title, pages):
        """Put a book on the shelf."""
        self.books[title] = pages

    def thickest(self):
        """Return the title of the book with the most pages."""
        return max(self.books, key=lambda title: self.books[title])
'''

_SHELF_TIDY = _SHELF.replace("import os\nimport json\n\n", "")

_SHELF_BUG = (
    _SHELF_TIDY
    + '''
    def thinnest(self):
        """Return the title of the book with the fewest pages."""
        return min(self.books, key=lambda title: self.book[title])

    def load(self, path):
        """Read titles and pages from a JSON file."""
        try:
            with open(path) as file:
                self.books.update(jsn.load(file))
        except:
            pass
'''
)

_SHELF_MENDED = (
    _SHELF_BUG.replace("self.book[title]", "self.books[title]")
    .replace("jsn.load", "json.load")
    .replace(
        "except:\n            pass", "except FileNotFoundError:\n            self.books.clear()"
    )
    .replace("open(path)", 'open(path, encoding="utf-8")')
    .replace('"""A shelf of books."""\n', '"""A shelf of books."""\n\nimport json\n')
)

_MAIN = '''\
"""Print the thickest book on the shelf."""

import sys

import requests

from shelf import Shelf


def main():
    """Read a shelf from the network and print its thickest book."""
    shelf = Shelf()
    for title, pages in requests.get(sys.argv[1], timeout=10).json().items():
        shelf.add(title, pages)
    print(shelf.thickest())


if __name__ == "__main__":
    main()
'''

SAMPLE = (
    SampleCommit(
        subject="Start a shelf of books",
        files={"shelf.py": _SHELF, "setup.cfg": _SETUP_CFG, "README.md": "# A shelf of books\n"},
    ),
    SampleCommit(subject="Remove unused imports", files={"shelf.py": _SHELF_TIDY}),
    SampleCommit(subject="Find the thinnest book, load a file", files={"shelf.py": _SHELF_BUG}),
    SampleCommit(subject="Mend what lintbot found", files={"shelf.py": _SHELF_MENDED}),
    SampleCommit(subject="Add a command that needs requests", files={"main.py": _MAIN}),
)
