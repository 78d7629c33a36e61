"""Shell: the composition root, the only place that sees stages and adapters together."""
