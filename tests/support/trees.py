"""Small trees of files, as a checkout leaves them."""

from __future__ import annotations

from pathlib import Path

from lintbot.ports import Checkout


def a_checkout(root: Path, files: dict[str, str | bytes]) -> Checkout:
    """Write the files below a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Checkout(root=root, files=tuple(sorted(files)))
