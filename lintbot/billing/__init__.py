"""Who may have private repositories linted: plans, and the one place that is asked."""
