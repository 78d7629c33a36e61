"""Shell: a whole download of OSV records, as a file, to advisories in memory."""

from __future__ import annotations

import json
import logging
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

_log = logging.getLogger(__name__)

MAX_RECORDS = 200_000
MAX_RECORD_BYTES = 4 * 1024 * 1024


def read_records(archive: Path) -> Iterator[object]:
    """Give the records of ``all.zip``, one JSON file each, as far as they can be read. Blocking.

    Raises:
        OSError: the file cannot be read.
        zipfile.BadZipFile: it is no ZIP archive.
    """
    with zipfile.ZipFile(archive) as whole:
        for member in whole.infolist()[:MAX_RECORDS]:
            if not member.filename.endswith(".json") or member.file_size > MAX_RECORD_BYTES:
                continue
            try:
                yield json.loads(whole.read(member))
            except (ValueError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
                _log.warning("an advisory cannot be read: %s", type(error).__name__)
