"""One job becomes one judgement: lint, compare, score."""
