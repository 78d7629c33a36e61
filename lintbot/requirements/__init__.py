"""What a repository requires, wherever it writes that down; read as data, never executed."""
