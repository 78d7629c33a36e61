"""Shell: what runs inside the sandbox. Standard library only; copied into the tool environment."""
