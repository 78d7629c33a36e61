"""Pure: words of the command line as values; argparse shows the errors."""

from __future__ import annotations

import argparse


def positive(text: str) -> int:
    """Return a whole number from 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"give a whole number from 1, not {text!r}")
    return int(text)


def port(text: str) -> int:
    """Return a TCP port; 0 takes a free one."""
    if not text.isdecimal() or int(text) > 65535:  # noqa: PLR2004  the largest TCP port
        raise argparse.ArgumentTypeError(f"give a port from 0 to 65535, not {text!r}")
    return int(text)


def seconds(text: str) -> float:
    """Return a time in seconds, less than a day."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 86400:  # noqa: PLR2004  a day is enough for everybody
        raise argparse.ArgumentTypeError(f"give a number of seconds, not {text!r}")
    return number
