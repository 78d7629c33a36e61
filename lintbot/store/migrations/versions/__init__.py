"""Shell: one file a change, oldest first."""
