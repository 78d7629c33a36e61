"""Shell: advisories in memory, read again when the operator has put a newer file there."""

from __future__ import annotations

import logging
import threading
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from lintbot.trust.advisories import Advisory, affects, read_advisories

_log = logging.getLogger(__name__)


class LocalAdvisories:
    """Known vulnerabilities from one whole download; no name leaves the server to look one up.

    Args:
        path: of the archive; None: there is none.
        read_records: gives the records of an archive. Blocking.
    """

    def __init__(self, path: Path | None, read_records: Callable[[Path], Iterable[object]]) -> None:
        self._path = path
        self._read_records = read_records
        self._reading = threading.Lock()
        self.by_name: Mapping[str, tuple[Advisory, ...]] = {}
        self.made_at: datetime | None = None
        """When the file was last written, aware UTC; None: there is no data, so nobody knows."""

    def refresh(self) -> None:
        """Read the file if it is new. Blocking. What cannot be read leaves what was there."""
        if self._path is not None:
            with self._reading:  # whoever comes meanwhile wants to know what is in it, too
                self._refresh(self._path)

    def _refresh(self, path: Path) -> None:
        try:
            made_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if made_at == self.made_at:
                return
            by_name = read_advisories(self._read_records(path))
        except (OSError, zipfile.BadZipFile) as error:
            _log.error("advisories cannot be read: %s", error, extra={"path": str(path)})
            return
        if not by_name:
            _log.error("there are no advisories in it", extra={"path": str(path)})
            return
        self.by_name, self.made_at = by_name, made_at
        _log.info("advisories read", extra={"packages": len(by_name)})

    def find(self, name: str, version: str) -> tuple[Advisory, ...] | None:
        """Return what affects a version of a project; None: there is no data."""
        if self.made_at is None:
            return None
        return tuple(it for it in self.by_name.get(name, ()) if affects(it, version))
