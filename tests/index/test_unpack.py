"""Source distributions that want out, and whole downloads of advisories."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from lintbot.errors import LimitError, PermanentError
from lintbot.index import unpack as module
from lintbot.index.osv import read_records
from lintbot.index.unpack import unpack
from lintbot.trust.local_advisories import LocalAdvisories
from tests.support.index import write_advisories


def a_tar(path: Path, files: dict[str, bytes], *links: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o4777
            tar.addfile(info, io.BytesIO(content))
        for link in links:
            tar.addfile(link)
    return path


def a_link(name: str, kind: bytes, to: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def test_only_plain_files_inside_come_out(tmp_path: Path, root: Path):
    archive = a_tar(
        tmp_path / "a.tar.gz",
        {
            "p-1/setup.py": b"1",
            "p-1/pkg/mod.py": b"2",
            "p-1/../../out.py": b"3",
            "/etc/out.py": b"4",
            "p-1/setup.py/below": b"5",
        }
        | {"top.py": b"6", "p-1/a\\b": b"7", "p-1/new\nline": b"8"},
        a_link("p-1/link", tarfile.SYMTYPE, "/etc/passwd"),
        a_link("p-1/hard", tarfile.LNKTYPE, "p-1/setup.py"),
        a_link("p-1/pipe", tarfile.FIFOTYPE, ""),
        a_link("p-1/device", tarfile.CHRTYPE, ""),
    )
    with pytest.raises(PermanentError):  # a file that is a folder too
        unpack(archive, root)
    assert sorted(it.name for it in tmp_path.iterdir()) == ["a.tar.gz", "root"]
    assert (root / "setup.py").read_bytes() == b"1"
    assert (root / "setup.py").stat().st_mode & 0o7777 == 0o644


def test_a_zip_too(tmp_path: Path, root: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as whole:
        whole.writestr("p-1/a.py", "x = 1\n")
        whole.writestr("p-1/../../b.py", "x = 1\n")
    assert unpack(tmp_path / "a.zip", root) == ("a.py",)


def test_bombs_and_crowds_are_limits(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "MAX_BYTES", 100_000)
    bomb = a_tar(tmp_path / "b.tar.gz", {"p-1/a": b"\0" * 90_000, "p-1/b": b"\0" * 90_000})
    with pytest.raises(LimitError):
        unpack(bomb, root)
    monkeypatch.setattr(module, "MAX_MEMBERS", 3)
    crowd = a_tar(tmp_path / "c.tar.gz", {f"p-1/{n}": b"" for n in range(5)})
    with pytest.raises(LimitError):
        unpack(crowd, root)


def a_header(kind: bytes, content: bytes) -> bytes:
    """Return a header that describes the members after it."""
    info = tarfile.TarInfo("p-1/header")
    info.type, info.size = kind, len(content)
    return info.tobuf(tarfile.GNU_FORMAT) + content + b"\0" * (-len(content) % 512)


def pax_records(count: int) -> bytes:
    return b"".join(b"13 key%04d=v\n" % number for number in range(count))


@pytest.mark.parametrize(
    "headers",
    [
        a_header(tarfile.XGLTYPE, pax_records(module.MAX_GLOBAL_HEADERS + 1)),
        a_header(tarfile.XHDTYPE, pax_records(module.MAX_HEADER_BYTES // 13 + 1)),
        a_header(tarfile.GNUTYPE_LONGNAME, b"n" * (module.MAX_HEADER_BYTES + 1)),
        a_header(tarfile.XHDTYPE, pax_records(1)) * 2000,
        a_header(tarfile.GNUTYPE_SPARSE, b""),
        a_header(tarfile.XHDTYPE, b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n"),
    ],
)
def test_headers_that_cost_more_than_they_say(tmp_path: Path, root: Path, headers: bytes):
    with tarfile.open(a_tar(tmp_path / "a.tar.gz", {"p-1/a.py": b"0\n" + bytes(510)})) as tar:
        assert tar.fileobj is not None
        plain = tar.fileobj.seek(0) or tar.fileobj.read()
    (tmp_path / "b.tar.gz").write_bytes(gzip.compress(headers + plain))
    with pytest.raises(PermanentError, match="cannot be read"):
        unpack(tmp_path / "b.tar.gz", root)


def test_honest_headers_are_read(tmp_path: Path, root: Path):
    name, few = "p-1/" + "d" * 90 + "/" + "é" * 90 + ".py", {"comment": "made by git archive"}
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        path = tmp_path / f"{form}.tar.gz"
        with tarfile.open(path, "w:gz", format=form, pax_headers=few) as tar:
            tar.addfile(tarfile.TarInfo(name))
        target = root / str(form)
        target.mkdir()
        assert unpack(path, target) == (name.removeprefix("p-1/"),)


def test_what_is_no_file_counts_too(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch):
    links = [a_link(f"p-1/{number}", tarfile.SYMTYPE, "x") for number in range(4)]
    archive = a_tar(tmp_path / "a.tar.gz", {}, *links)
    monkeypatch.setattr(module, "MAX_MEMBERS", 3)
    with pytest.raises(LimitError):
        unpack(archive, root)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_that_unpacks_without_limit(tmp_path: Path, root: Path, method: int):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as whole:
        whole.writestr("p-1/a.py", b"\0" * 1000)
    with pytest.raises(PermanentError, match="BadZipFile"):
        unpack(tmp_path / "a.zip", root)


def test_a_zip_with_a_directory_that_is_too_long(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "MAX_DIRECTORY_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as whole:
        whole.writestr("p-1/" + "a" * 1000, "")
    with pytest.raises(LimitError):
        unpack(tmp_path / "a.zip", root)


@pytest.mark.parametrize("content", [b"", b"noise" * 100, b"\x1f\x8b\x08\0\0\0\0\0\0\0noise"])
def test_what_is_no_archive(tmp_path: Path, root: Path, content: bytes):
    (tmp_path / "a.tar.gz").write_bytes(content)
    with pytest.raises(PermanentError):
        unpack(tmp_path / "a.tar.gz", root)


def test_advisories_are_read_one_by_one(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as whole:
        whole.writestr("A.json", json.dumps({"id": "A"}))
        whole.writestr("B.json", "{")
        whole.writestr("note.txt", "hello")
    assert list(read_records(tmp_path / "all.zip")) == [{"id": "A"}]


def test_advisories_are_read_again_when_the_file_is_newer(tmp_path: Path):
    path = tmp_path / "all.zip"
    local = LocalAdvisories(path, read_records)
    local.refresh()
    assert (local.made_at, local.find("a", "1.0")) == (None, None)
    for number, version in enumerate(("1.0", "2.0")):
        write_advisories(path, "a", version)
        os.utime(path, (number, number))
        local.refresh()
        found = [local.find("a", it) for it in ("1.0", "2.0")]
        assert [len(it or ()) for it in found] == [version == "1.0", version == "2.0"]
    before = local.made_at
    for content in (b"noise", b"PK\5\6" + b"\0" * 18):  # no archive; one with nothing in it
        path.write_bytes(content)
        local.refresh()
        assert local.made_at == before
    assert LocalAdvisories(None, read_records).refresh() is None
