"""Shell: a source distribution to plain files: no links, no devices, no way out, within limits."""

from __future__ import annotations

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from lintbot.errors import LimitError, PermanentError

MAX_MEMBERS = 20_000
MAX_BYTES = 256 * 1024 * 1024
MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_PATH_BYTES = 1024
MAX_DEPTH = 64
MAX_HEADER_BYTES = 32 * 1024
"""Of a header that only describes the next members; it is read as a whole."""
MAX_GLOBAL_HEADERS = 100
"""Of a tar: each of them is copied to every member."""
MAX_DIRECTORY_BYTES = 8 * 1024 * 1024
"""Of a zip's directory, which is read as a whole before the first member."""

_DESCRIBING = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""The others unpack a whole piece at once, however much comes out."""


class _Bounded:
    """A stream that ends in an error after so many bytes: against compression bombs."""

    def __init__(self, stream: gzip.GzipFile, limit_bytes: int) -> None:
        self._stream = stream
        self._left = limit_bytes

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise LimitError(f"The archive unpacks to over {MAX_BYTES // 1024 // 1024} MiB.")
        return data


class _Member(tarfile.TarInfo):
    """A member whose headers cost no more than they are worth."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        """Read what follows the header; a subclass may override it, as its source says."""
        too_long = self.type in _DESCRIBING and not 0 <= self.size <= MAX_HEADER_BYTES
        if too_long or len(tar.pax_headers) > MAX_GLOBAL_HEADERS:
            raise tarfile.ReadError("its headers are too long")
        if self.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError("it has a file with holes, whose map has no limit")
        return super()._proc_member(tar)  # type: ignore[misc,no-any-return]  # typeshed has it not

    def _proc_gnusparse_10(self, *_: object) -> None:
        raise tarfile.ReadError("it has a file with holes, whose map has no limit")


def unpack(archive: Path, root: Path) -> tuple[str, ...]:
    """Write the regular files of an archive, without its top folder; return their paths. Blocking.

    Raises:
        LimitError: it holds more than the limits.
        PermanentError: it is no archive that can be read.
    """
    members = _read_zip if zipfile.is_zipfile(archive) else _read_tar
    written: dict[str, None] = {}
    left = MAX_BYTES
    try:
        for name, size, stream in members(archive):
            path = safe_path(name)
            if path is None or path in written or size > MAX_FILE_BYTES:
                continue
            left -= _write(root, path, stream, left)
            written[path] = None
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, zlib.error) as error:
        raise PermanentError(f"the archive cannot be read: {type(error).__name__}") from error
    except (ValueError, NotImplementedError, RuntimeError) as error:
        raise PermanentError("the archive cannot be read") from error
    return tuple(sorted(written))


def safe_path(name: str) -> str | None:
    """Return a member's path below the archive's top folder; None for one that leads elsewhere."""
    parts = PurePosixPath(name).parts[1:]
    path = "/".join(parts)
    odd = not path or not path.isprintable() or "\\" in path or name.startswith("/")
    if odd or ".." in parts or len(path.encode()) > MAX_PATH_BYTES or len(parts) > MAX_DEPTH:
        return None
    return path


def _read_tar(archive: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    with gzip.open(archive) as stream:
        bounded: IO[bytes] = _Bounded(stream, MAX_BYTES)  # type: ignore[assignment]  # only read
        with tarfile.open(fileobj=bounded, mode="r|", tarinfo=_Member) as tar:
            for number, member in enumerate(iter(tar.next, None)):
                if number >= MAX_MEMBERS:
                    raise LimitError(f"The archive holds over {MAX_MEMBERS:,} members.")
                tar.members.clear()  # type: ignore[attr-defined]  # else it keeps all headers
                content = tar.extractfile(member) if member.isreg() else None
                if content is not None:
                    yield member.name, member.size, content


def _read_zip(archive: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    with archive.open("rb") as file:
        end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # noqa: SLF001  only it knows
        if end is not None and end[zipfile._ECD_SIZE] > MAX_DIRECTORY_BYTES:  # type: ignore[attr-defined]  # noqa: SLF001
            raise LimitError(f"The archive holds over {MAX_MEMBERS:,} members.")
    with zipfile.ZipFile(archive) as whole:
        if len(whole.infolist()) > MAX_MEMBERS:
            raise LimitError(f"The archive holds over {MAX_MEMBERS:,} members.")
        for member in whole.infolist():
            if member.compress_type not in _METHODS:
                raise zipfile.BadZipFile("a method that sdists do not have")
            if not member.is_dir():
                with whole.open(member) as content:
                    yield member.filename, member.file_size, content


def _write(root: Path, path: str, stream: IO[bytes], left: int) -> int:
    """Write one file, readable for the sandbox; return its size."""
    data = stream.read(MAX_FILE_BYTES + 1)
    if len(data) > left:
        raise LimitError(f"The archive unpacks to over {MAX_BYTES // 1024 // 1024} MiB.")
    target = root / path
    folder = root
    for part in PurePosixPath(path).parts[:-1]:
        folder /= part
        folder.mkdir(mode=0o755, exist_ok=True)
    with target.open("xb") as file:
        file.write(data[:MAX_FILE_BYTES])
    target.chmod(0o644)
    return len(data)
