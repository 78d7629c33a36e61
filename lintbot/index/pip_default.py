"""Shell: the index that pip is set up with here: no index host is written in lintbot."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

_DEFAULT = re.compile(r"--index-url\s+<url>.*?\(default\s+(.*?)\)", re.DOTALL)
_SECONDS = 30


def find_default_index(*, isolated: bool = False) -> str:
    """Return the address that pip itself would ask, empty when there is none. Blocking.

    pip prints it in its help, whichever of its configuration files or variables it comes from.
    Credentials in it are not taken: lintbot asks for what everybody may see.

    Args:
        isolated: the public index that pip knows without any configuration.
    """
    options = ["--isolated"] if isolated else []
    command = [sys.executable, "-m", "pip", "install", *options, "--help"]
    try:
        said = subprocess.run(  # noqa: S603  a fixed command
            command, capture_output=True, text=True, check=False, timeout=_SECONDS, env=os.environ
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return read_help(said.stdout)


def read_help(text: str) -> str:
    """Return the default index of pip's help; long addresses are broken over lines."""
    found = _DEFAULT.search(text)
    url = "".join(found[1].split()) if found else ""
    parts = urlsplit(url)
    fit = parts.scheme in {"https", "http"} and parts.hostname and not parts.username
    return url.rstrip("/") if fit else ""
