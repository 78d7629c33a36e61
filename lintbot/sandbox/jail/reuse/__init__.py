"""Shell: linters run again only where something that they look at has changed."""
