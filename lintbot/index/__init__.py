"""The package index, and what is downloaded from it: the only room that speaks to one."""
