"""Shell: pylint over a whole tree, walking only the files whose messages may have changed.

Trees are built in order, as a plain run does, but for those that wait until somebody looks at them
(``unbuilt``): so every tree is in the state that a plain run would have given it. Walking a tree is
what costs most. A walk is left out, and its messages are repeated, if nothing that it looked at
has changed since.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from . import facts as memory
from .additions import Additions, looked_at_any
from .again import give_up
from .crossfile import CrossFile
from .digests import ADDED, ADDED_INSIDE, MISSING, Trees, describe_notes, digest
from .earlier import Earlier, Moment
from .held import Library, clear_caches
from .layout import Layout, names_of
from .messages import Collected, make_messages, say_again
from .recorder import LIBRARY, RECORDER, Frame, find_root
from .unbuilt import Unbuilt, split_names

CRASHED = frozenset({"astroid-error", "fatal"})
"""Symbols of a walk that went wrong: it is tried again next time."""
POINTS_ELSEWHERE = re.compile(r"\bdefined (?:at|in .*) line \d")
"""In the text of a message: it may be a line of another file. Others name lines of their own."""

Walk = Callable[[dict[Any, Any]], None]
"""Lints some items, as pylint does."""


class Incremental:
    """One run over one tree.

    Attributes:
        walked: paths that were walked, in order.
        files: what is to be remembered of each file.
        broken: digests of the files of which there is no tree, by path.
    """

    def __init__(
        self, linter: Any, library: Library, layout: Layout, known: memory.Facts | None
    ) -> None:
        self._linter = linter
        self._library = library
        self._layout = layout
        self._known = known or {"files": {}}
        self._cross = CrossFile(linter)
        self._items: dict[str, tuple[Any, Any]] = {}
        self._trees = Trees({}, {})
        self._trees.build_late = self._ask_for_tree
        self._additions = Additions(library.changes)
        self._earlier = Earlier(library, self._additions, self._describe_notes)
        self._unbuilt = Unbuilt(library, self._known, self._trees.modules)
        self._own: dict[str, str] = {}
        self._unchanged: set[str] = set()
        self._on: dict[str, dict[str, dict[str, list[Any]]]] = {}
        self._build_names: dict[str, list[str]] = {}
        self._moved: frozenset[str] | None = None
        self.walked: list[str] = []
        self.files: dict[str, memory.FileFacts] = {}
        self.broken: dict[str, str] = {}

    @contextmanager
    def leaving_out(self, items: Sequence[Any]) -> Iterator[None]:
        """Leave trees unbuilt that nobody looks at, inside the ``with``.

        Args:
            items: pylint's own values for all files, in order.
        """
        modules = {os.path.relpath(item.filepath): item.name for item in items}
        self.broken = dict.fromkeys(modules, "")
        self._unbuilt.look_at(modules)
        with suppress(Exception):  # damaged: then every tree is built
            self._moved = self._layout.moved_since(self._known, modules)
            if self._moved is not None:
                self._unbuilt.choose(self._moved, self._trees.content_of)
        build = self._linter.get_ast

        def build_or_not(filepath: str, *words: Any) -> Any:
            left_out = self._unbuilt.leaves_out(os.path.relpath(filepath))
            return None if left_out else build(filepath, *words)

        self._linter.get_ast = build_or_not
        try:
            yield
        finally:
            del self._linter.get_ast  # the class's own shows again

    def lint(self, asts: dict[Any, Any], walk: Walk, share: tuple[int, int] | None) -> None:
        """Walk what must be walked, and repeat the rest, in pylint's order.

        Whatever goes wrong in here, every file of which nothing is certain is walked.

        Args:
            asts: the tree of each file; None: it could not be built, or was left out.
            walk: see ``Walk``.
            share: its number and of how many: the files to walk; the report is worth nothing.
        """
        try:
            self._look_at(asts)
        except Exception:  # noqa: BLE001  # a tree that astroid itself trips over
            if self._unbuilt.ever:
                give_up()
            walk(asts)
            return
        for number, (path, (item, module)) in enumerate(self._items.items()):
            if share is not None and number % share[1] != share[0]:
                continue
            old = self._known["files"].get(path)
            known = module is not None or path in self._unbuilt.ever
            if not known or not self._repeats(path, item, module, old):
                tree = self._build_late(path, item) if known and module is None else module
                self._walk(path, item, tree, walk)
        self._forget_what_cannot_be_repeated()
        if share is not None:
            self._cross.drop()

    def _forget_what_cannot_be_repeated(self) -> None:
        """Rely on nothing, and leave nothing to rely on, where something hangs on who asked first.

        It was found out once and for all, and would be otherwise now that more was added.
        """
        if self._additions.changed_later(RECORDER.once) or self._earlier.unsettled():
            if self._unbuilt.ever or len(self.walked) < len(self._items):
                give_up()
            self.files.clear()

    def _look_at(self, asts: dict[Any, Any]) -> None:
        """Find out what every tree shows, now that all are built."""
        self._items = {os.path.relpath(item.filepath): (item, ast) for item, ast in asts.items()}
        self._trees.modules.update({path: ast for path, (_, ast) in self._items.items() if ast})
        self._unbuilt.prove()
        self._earlier.begin()
        self._note_broken()
        added = self._additions.by_home()
        inside = self._additions.by_home(inside=True)
        self._trees.added = {home: digest(*texts) for home, texts in added.items()}
        self._trees.inside = {home: digest(*texts) for home, texts in inside.items()}
        self._unchanged = {it for it in self._unbuilt.steady if self._seems_unchanged(it)}
        while stale := self._find_stale(added):
            for path in stale:
                self._build_late(path, self._items[path][0])
        others = self._trees.modules.keys() - self._own.keys()
        self._own |= {it: self._show(it, added.get(it, [])) for it in others}
        for path in [it for it in self._items if it in self._unbuilt.paths]:
            if self._look_again(path, self._known["files"][path]) is None:
                self._build_late(path, self._items[path][0])

    def _find_stale(self, added: dict[str, list[str]]) -> list[str]:
        """Return the files whose trees wait and must not: they would not be what they were.

        A tree is taken for unchanged for as long as it would be if all others taken so were.
        """
        known, differing = self._known["files"], {""}
        while differing:
            paths = [it for it in self._items if it in self._unbuilt.paths | self._unchanged]
            self._own = {path: self._show(path, added.get(path, [])) for path in paths}
            differing = {path for path in paths if self._own[path] != known[path]["own"]}
            stale = [it for it in paths if it in differing and it in self._unbuilt.paths]
            differing &= self._unchanged
            self._unchanged -= differing
        return stale + [
            path
            for path in paths
            if path in self._unbuilt.paths and self._asks_for_moved(known[path])
        ]

    def _seems_unchanged(self, path: str) -> bool:
        """Tell whether nothing was added to or found elsewhere that made a tree another one."""
        old = self._known["files"][path]
        same = bool(old["added"] == self._trees.added.get(path, MISSING))
        return same and not self._asks_for_moved(old)

    def _note_broken(self) -> None:
        """Have everybody walked who asks for a file that broke, was mended, or is broken anew.

        Such a file shows nothing that could be looked at.
        """
        whole = {*self._trees.modules, *self._unbuilt.paths}
        self.broken = {it: self._trees.content_of(it) for it in self.broken if it not in whole}
        before = self._known.get("broken", {})
        differing = {it for it, _ in self.broken.items() ^ before.items()}
        if self._moved is not None:
            self._moved |= {name for it in differing for name in names_of(it)}

    def _build_late(self, path: str, item: Any) -> Any:
        """Return a tree that waits, or did; the file is named as one that is being judged."""
        if path in self._unbuilt.paths:
            self._linter.get_ast(item.filepath, item.name)
        return self._trees.modules[path]

    def _ask_for_tree(self, path: str) -> None:
        if path in self._unbuilt.paths:
            self._unbuilt.build_late(path)

    def _show(self, path: str, added: list[str]) -> str:
        """Return a digest of all that a file's tree depends on.

        It depends on what its building looked at the last time, for as long as that is the same;
        what it looks at besides hangs on who looked first.
        """
        old = self._known["files"].get(path)
        if old is not None and (path in self._unbuilt.paths or not self._asks_for_moved(old)):
            self._on[path] = old["on"]
            self._build_names[path] = old["build_names"].split()
            shown = self._show_with(path, added)
            if shown == old["own"] or path in self._unbuilt.paths:
                return shown
        frame = self._library.builds.get(path)
        notes = self._describe_notes(frame) if frame is not None else {}
        self._on[path] = {other: self._digests(other, scopes) for other, scopes in notes.items()}
        self._build_names[path] = sorted(frame.names) if frame is not None else []
        return self._show_with(path, added)

    def _show_with(self, path: str, added: list[str]) -> str:
        words = [
            f"{other} {scope} {self._look(other, scope, names, before)}"
            for other, scopes in self._on[path].items()
            for scope, (names, before) in scopes.items()
        ]
        module, turn = self._items[path][0].name, self._library.seen_changes.get(path, 0)
        return digest(
            *(self._trees.content_of(path), module, *added, "", *words, "", *self._half(path), ""),
            *self._additions.around(path, turn, self._on[path], set(self._build_names[path])),
        )

    def _half(self, path: str) -> list[str]:
        """Return the files that were half built when building this one looked at them."""
        if path in self._unbuilt.paths:
            return list(self._known["files"][path]["half"])
        return self._library.half.get(path, [])

    def _asks_for_moved(self, old: memory.FileFacts) -> bool:
        """Tell whether building a file asked for what is found elsewhere now, or not at all."""
        moved = self._moved
        return moved is None or not moved.isdisjoint(split_names(old["built_with"]))

    def _look(self, path: str, scope: str, names: list[str], before: str) -> str:
        """Return a digest; of a tree that waits or is unchanged, the one before."""
        if scope not in {ADDED, ADDED_INSIDE} and (
            path in self._unbuilt.paths or path in self._unchanged
        ):
            return before
        return self._trees.digest_of(path, scope, names)

    def remember(self) -> memory.Facts:
        """Return what is to be remembered, when all is over."""
        library, adds = self._library, self._additions.by_maker()
        by_library = {change.place for change in adds.get(LIBRARY, ())}
        for path in library.builds.keys() & self.files.keys():
            # What was changed after it was built would be found changed if it waited; and what it
            # adds where the library adds something, too, would come after that.
            later = library.changes_after(path)
            own = adds.get(path, [])
            late = (
                path not in library.mixed
                and not looked_at_any(library.builds[path], later)
                and by_library.isdisjoint(it.place for it in own)
            )
            self.files[path] |= {
                "late": late,
                "adds": [it.plain() for it in own],
            }
        return {"files": self.files, "broken": self.broken, **self._unbuilt.remember()}

    # --- files that need no walk ------------------------------------------------------------

    def _repeats(self, path: str, item: Any, module: Any, old: Any) -> bool:
        """Repeat what an earlier walk said, if it would say the same now."""
        try:
            if old is None or not self._holds(path, old):
                return False
            asked, messages = old["asked"].split(), make_messages(old["messages"])
            settled = old["settled"][0], set(old["settled"][1].split())
            self._cross.restore(old["remains"], lambda: _read_as_pylint(item, module))
        except Exception:  # noqa: BLE001  # damaged, or a tree that astroid itself trips over
            return False
        self._earlier.take_for_settled(*settled)
        say_again(self._linter, messages)
        self._library.activate(asked)
        self._linter.set_current_module(item.name, item.filepath)
        self._linter.current_file = module.file if module else RECORDER.root + path
        state = import_module("pylint.utils").FileState
        self._linter.file_state = state(item.modpath, self._linter.msgs_store, module)
        waited = path in self._unbuilt.ever
        self.files[path] = old if waited else old | self._describe_build(path)
        return True

    def _holds(self, path: str, old: memory.FileFacts) -> bool:
        """Tell whether all that a walk looked at is as it was; write down how it looks now."""
        now = self._look_again(path, old)
        if now is None:
            return False
        asked, names = old["asked"].split(), set(old["names"].split())
        if old["earlier"] != self._earlier.show(path, asked, names, now, self._earlier.now()):
            return False
        old["looked_at"] = now
        return True

    def _look_again(self, path: str, old: memory.FileFacts) -> dict[str, Any] | None:
        """Return how what a walk looked at in the repository looks now; None: otherwise."""
        if old["own"] != self._own[path] or self._moved is None:
            return None
        if not self._moved.isdisjoint(f"{old['asked']} {old['sought']}".replace(".", " ").split()):
            return None
        now = {}
        for other, (before, scopes) in old["looked_at"].items():
            now[other] = [self._shown(other), scopes]
            if now[other][0] != before and (old["fragile"] or not self._same(other, scopes)):
                return None
        return now

    def _shown(self, path: str) -> str:
        return self._own.get(path) or self._trees.whole_of(path)

    def _same(self, path: str, scopes: dict[str, Any]) -> bool:
        return all(
            self._trees.digest_of(path, scope, names) == before
            for scope, (names, before) in scopes.items()
        )

    # --- files that are walked --------------------------------------------------------------

    def _walk(self, path: str, item: Any, module: Any, walk: Walk) -> None:
        clear_caches()
        self.walked.append(path)
        moment, frame = self._earlier.now(), Frame(path)
        self._cross.start()
        with RECORDER.note_for(frame), Collected(self._linter) as said:
            walk({item: module})
        crashed = any(message.symbol in CRASHED for message in said.messages)
        if module is not None and not crashed:
            with suppress(Exception):  # then it is walked again the next time
                self.files[path] = self._describe(path, item, frame, said, moment)

    def _describe(
        self, path: str, item: Any, frame: Frame, said: Collected, moment: Moment
    ) -> memory.FileFacts:
        """Return what is to be remembered of a walk.

        Args:
            path: of the file.
            item: pylint's own value for it.
            frame: what the walk noted.
            said: its messages.
            moment: when it began.
        """
        build = self._library.builds.get(path)
        names = frame.names | (build.names if build is not None else set())
        notes = self._describe_notes(frame)
        pointed_at = [
            it.path for it in said.messages if it.path != path or POINTS_ELSEWHERE.search(it.msg)
        ]
        if pointed_at:
            others = {*pointed_at, *self._additions.makers(path)} - {path}
            notes = {it: notes.get(it, {}) for it in sorted({*notes, *others})}
        looked_at = {
            other: [self._shown(other), self._digests(other, scopes)]
            for other, scopes in notes.items()
        }
        return {
            "own": self._own[path],
            "content": self._trees.content_of(path),
            "added": self._trees.added.get(path, MISSING),
            "module": item.name,
            **self._describe_build(path),
            "messages": said.plain(),
            "remains": self._cross.remains(),
            "asked": " ".join(frame.asked),
            "sought": " ".join(sorted(frame.sought)),
            "names": " ".join(sorted(names)),
            "earlier": self._earlier.show(path, frame.asked, names, looked_at, moment),
            "looked_at": looked_at,
            "fragile": bool(pointed_at),
            "settled": self._earlier.find_settled(frame),
        }

    def _describe_notes(self, frame: Frame) -> dict[str, dict[str, list[str]]]:
        """Return notes; of a file that was looked at under another name, too, all additions count.

        Then there are two trees of it, and only one is among those that are asked for digests.
        """
        notes = describe_notes(frame)
        for watched, _ in frame.seen.values():
            home = watched.home
            if home in notes and find_root(watched.owner) is not self._trees.modules.get(home):
                notes[home][ADDED] = []
        return notes

    def _digests(self, path: str, scopes: dict[str, list[str]]) -> dict[str, list[Any]]:
        return {it: [names, self._trees.digest_of(path, it, names)] for it, names in scopes.items()}

    def _describe_build(self, path: str) -> memory.FileFacts:
        """Return what is to be remembered of how a tree was built."""
        frame = self._library.builds.get(path)
        return {
            "late": False,
            "adds": [],
            "build_names": " ".join(self._build_names.get(path, ())),
            "built_with": " ".join(frame.asked) if frame is not None else "",
            "inside": self._library.inside.get(path, []),
            "half": self._library.half.get(path, []),
            "on": self._on.get(path, {}),
        }


def _read_as_pylint(item: Any, module: Any) -> list[str]:
    """Return a file's lines as the check for similar lines reads them."""
    decode = import_module("pylint.utils").decoding_stream
    if module is None:
        text, encoding, _ = import_module("astroid.builder").open_source_file(item.filepath)
        text.close()
        source = io.BytesIO(Path(item.filepath).read_bytes())
    else:
        source, encoding = module.stream(), module.file_encoding
    with suppress(UnicodeDecodeError), source as stream:
        return list(decode(stream, encoding).readlines())
    return []
