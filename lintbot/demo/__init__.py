"""lintbot demo: the whole App on this machine."""
