"""How far a repository can be relied on: signals, the score and the dependency watch."""
