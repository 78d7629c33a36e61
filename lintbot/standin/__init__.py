"""Shell: a stateful stand-in for GitHub, for ``lintbot demo`` and for the tests."""
