"""Commits by git smart HTTP, laid out as plain files."""
