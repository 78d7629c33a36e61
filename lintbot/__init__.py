"""lintbot: the lint badge that cannot lie, cannot hang and will not disappear."""

__version__ = "0.1.0"
