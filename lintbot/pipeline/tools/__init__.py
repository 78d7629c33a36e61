"""The registry of linters: which apply, their command line, their output (pure)."""
