"""Shell: what Prometheus is told.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from collections import Counter

from lintbot.model.service import ServiceFigures
from lintbot.report.status import status_metrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counts since this process began."""

    def __init__(self) -> None:
        self._deliveries: Counter[tuple[str, int]] = Counter()

    def count_delivery(self, event: str, status: int) -> None:
        """Count one webhook by GitHub's event name and our answer."""
        self._deliveries[event, status] += 1

    def render(self, figures: ServiceFigures | None) -> str:
        """Return everything as text; ``figures`` None: nobody could be asked."""
        lines = [
            "# HELP lintbot_deliveries_total Webhook deliveries by event and answer.",
            "# TYPE lintbot_deliveries_total counter",
            *(
                f'lintbot_deliveries_total{{event="{event}",status="{status}"}} {count}'
                for (event, status), count in sorted(self._deliveries.items())
            ),
        ]
        if figures is not None:
            lines += status_metrics(figures)
        return "\n".join(lines) + "\n"
