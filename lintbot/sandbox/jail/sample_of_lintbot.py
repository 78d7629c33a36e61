"""Pure: a file that is linted before the first job, so that common modules are read once."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from pathlib import Path

LOG = logging.getLogger(__name__)


class Colour(Enum):
    """An enumeration."""

    RED = 1


@dataclass
class Sample:
    """Uses what most modules use."""

    names: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def count(self, folder: Path) -> str:
        """Count some names and write them as JSON."""
        for name in os.scandir(folder):
            if re.match(r"\w+", name.name) and Colour.RED.value:
                self.counts[name.name] += 1
        LOG.info("%s at %s", sys.platform, datetime.now(UTC).isoformat())
        return partial(json.dumps, indent=1)({"names": f"{self.names}", **self.counts})
