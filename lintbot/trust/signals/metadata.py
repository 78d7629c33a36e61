"""Pure: licence and packaging metadata, from what is declared; no build is run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from lintbot.model.trust import Signal
from lintbot.requirements.documents import UnreadableError, get, load_ini, strings
from lintbot.trust.arithmetic import share, sum_up, tenths, unknown
from lintbot.trust.facts import Facts

_FINGERPRINTS = (
    ("AGPL-3.0", r"gnu affero general public license\s+version 3"),
    ("LGPL-3.0", r"gnu lesser general public license\s+version 3"),
    ("LGPL-2.1", r"gnu lesser general public license\s+version 2\.1"),
    ("GPL-3.0", r"gnu general public license\s+version 3"),
    ("GPL-2.0", r"gnu general public license\s+version 2"),
    ("Apache-2.0", r"apache license\s+version 2\.0"),
    ("MPL-2.0", r"mozilla public license,? version 2\.0"),
    ("MIT", r"permission is hereby granted, free of charge, to any person obtaining"),
    (
        "BSD-3-Clause",
        r"\A(?>.*?redistribution and use in source and binary forms).*neither the name",
    ),
    ("BSD-2-Clause", r"redistribution and use in source and binary forms"),
    ("ISC", r"permission to use, copy, modify, and/?(?:or)? distribute this software"),
    ("Unlicense", r"this is free and unencumbered software released into the public domain"),
    ("CC0-1.0", r"creative commons.{0,40}cc0 1\.0 universal"),
    ("PSF-2.0", r"python software foundation license"),
)
"""The first that is found in the text, in lower case with single blanks."""


def licence(facts: Facts) -> Signal:
    """Ask for a file, a text that is known, an expression, and that they agree."""
    text = licence_text(facts)
    known = recognise(text)
    if not facts.is_library:
        return sum_up(
            "licence",
            (5, text, "file", "Add a LICENSE file."),
            (2, known, "known text", "Use the text of a known licence unchanged."),
            of=7,
        )
    expression = declared_expression(facts)
    classified = any(it.startswith("License ::") for it in facts.classifiers)
    agree = bool(known) and known.lower() in expression.lower()
    spoken = "" if agree or not (known and expression) else f"{known} and {expression[:60]}"
    return sum_up(
        "licence",
        (5, text, "file", "Add a LICENSE file."),
        (2, known, f"known text ({known})" if known else "known text", "Use a known licence."),
        (
            2 if expression else 1,
            expression or classified,
            "SPDX expression or classifier",
            "Declare the licence as an SPDX expression in [project].",
        ),
        (1, agree, f"agree {spoken}".strip(), "Let the file and the declaration agree."),
    )


def licence_text(facts: Facts) -> str:
    """Return the text of the licence; empty when there is none."""
    pattern = re.compile(r"(?:licen[cs]e|copying|unlicense)[\w-]*(?:\.\w+)?\Z", re.IGNORECASE)
    return next((text for path, text in sorted(facts.texts.items()) if pattern.match(path)), "")


def recognise(text: str) -> str:
    """Return the SPDX id of a text, without ``-only`` or ``-or-later``; empty: unknown."""
    plain = " ".join(text.lower().split())
    return next((spdx for spdx, words in _FINGERPRINTS if re.search(words, plain)), "")


def declared_expression(facts: Facts) -> str:
    """Return the SPDX expression that is declared; empty when there is none that is valid."""
    declared = get(facts.pyproject, "project", "license") or get(
        facts.pyproject, "tool", "poetry", "license"
    )
    if isinstance(declared, dict):
        declared = declared.get("text", "")
    declared = declared or facts.setup_cfg.get("license", "")
    try:
        return canonicalize_license_expression(str(declared)[:200])
    except InvalidLicenseExpression:
        return ""


_FIELDS = (
    ("name", ("name",)),
    ("description", ("description",)),
    ("readme", ("readme", "long_description")),
    ("Python versions", ("requires-python", "python_requires")),
    ("licence", ("license", "license-files", "license_files")),
    ("authors or maintainers", ("authors", "maintainers", "author", "maintainer")),
    ("classifiers", ("classifiers",)),
    ("keywords", ("keywords",)),
    ("links", ("urls", "project_urls", "url", "homepage", "repository")),
)


def packaging(facts: Facts) -> Signal:
    """Ask for the fields that somebody who looks for a package reads."""
    project: Mapping[str, Any] = (
        get(facts.pyproject, "project", default={})
        or get(facts.pyproject, "tool", "poetry", default={})
        or facts.setup_cfg
    )
    if not facts.is_library:
        return unknown("packaging", "Nobody installs an application by its metadata.")
    if not project:
        return unknown("packaging", "Only a build could tell; nothing of the repository is run.")
    dynamic = {it.lower() for it in strings(project.get("dynamic"))}
    there = [words for words, keys in _FIELDS if any(project.get(key) for key in keys)]
    hidden = [
        words
        for words, keys in _FIELDS
        if words not in there and ("setup.py" in facts.paths or dynamic.intersection(keys))
    ]
    missing = [words for words, _ in _FIELDS if words not in [*there, *hidden]]
    if len(hidden) > len(there) + len(missing):
        return unknown("packaging", "Most of it only a build could tell; nothing is run.")
    has_build = bool(get(facts.pyproject, "build-system", default={}))
    points = 10 * share(len(there) + has_build, len(there) + len(missing) + 1)
    return Signal(
        name="packaging",
        tenths=tenths(points),
        facts=(
            f"{len(there)} of {len(there) + len(missing)} fields declared",
            f"build system: {'yes' if has_build else 'no'}",
            *((f"only a build can tell: {', '.join(hidden)}",) if hidden else ()),
        ),
        advice=tuple(f"Declare {words} in [project]." for words in missing),
    )


def read_setup_cfg(text: str) -> dict[str, str]:
    """Return the [metadata] of a setup.cfg; empty when there is none that can be read."""
    try:
        parser = load_ini("setup.cfg", text)
    except UnreadableError:
        return {}
    return dict(parser.items("metadata")) if parser.has_section("metadata") else {}
