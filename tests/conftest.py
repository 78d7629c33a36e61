"""Fixtures for every room."""

from __future__ import annotations

from hypothesis import settings

# A busy machine is slow, not wrong: no test of laws has a deadline.
settings.register_profile("lintbot", deadline=None)
settings.load_profile("lintbot")
