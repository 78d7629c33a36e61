"""Shell: trees of the standard library, built before the first job, and handed out as if new.

Building a tree changes others: an attribute that one module sets on another's class is added to
that class. So what each tree changed is undone once it is built, and done again in a job at the
moment when a plain run would have built it.
"""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from traceback import walk_stack
from typing import TYPE_CHECKING, Any, Protocol

from .additions import Added, Change
from .again import give_up
from .recorder import BODY, LIBRARY, RECORDER, Frame, Place, Watched, find_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_NOT_EMPTIED = object()
"""A key in astroid's cache for as long as nobody empties it."""


@dataclass
class Tree:
    """A tree that is handed out when it is asked for.

    Attributes:
        events: what its building asked for and changed, in order.
    """

    module: Any
    events: list[str | Change] = field(default_factory=list)


@dataclass(frozen=True)
class Aside:
    """A tree that shows nothing to be compared: of a file that is not linted, or a second one.

    Attributes:
        frame: what its building looked at, and the whole of it.
        turn: how many attributes had been added to other files' trees when it was built.
        number: how many such trees there were before.
    """

    frame: Frame
    turn: int
    number: int


class Late(Protocol):
    """Trees that are built when somebody asks for them."""

    def leaves_unbuilt(self, path: str) -> bool:
        """Tell whether a file's tree is yet to be built."""
        ...

    def waits(self, name: str) -> bool:
        """Tell whether the tree of a module is yet to be built."""
        ...

    def is_own(self, path: str, name: str) -> bool:
        """Tell whether a file is linted, and a module's name is its own."""
        ...

    def ask_for(self, name: str) -> Any:
        """Build the tree of a module, and return it; None: it is not yet to be built."""
        ...


class Library:
    """Hands out trees, and keeps a log of changes across modules.

    Attributes:
        changes: in the order in which a plain run would have made them so far.
        builds: notes of each file of the repository that was built, by path.
        mixed: paths of those whose building changed what something else then changed meanwhile.
        built_as: to the path of each file, the name of each tree that was built of it.
        asides: by name. Whoever asks for one looks at what its building looked at, too.
        inside: to the path of each file, those of the files that were built while it was, in the
            order in which they were done.
        half: to the path of each file, those of the files that it looked at half built.
        seen_changes: to the path of each file, how many changes a plain run would have made before
            it built it for the first time, or the one around it.
        unbuilt: the trees that are built when somebody asks for them.
    """

    def __init__(self) -> None:
        self._astroid = import_module("astroid.manager")
        self.manager = self._astroid.AstroidManager()
        self._trees: dict[str, Tree] = {}
        self._places: dict[tuple[str, None], Any] = {}
        self._building: list[Tree | None] = []
        self.changes: list[Added] = []
        self._log = self.changes
        RECORDER.changes = self.changes
        self.builds: dict[str, Frame] = {}
        self.mixed: set[str] = set()
        self.built_as: dict[str, list[str]] = {}
        self.asides: dict[str, Aside] = {}
        self.inside: dict[str, list[str]] = {}
        self.half: dict[str, list[str]] = {}
        self.seen_changes: dict[str, int] = {}
        self.unbuilt: Late | None = None
        self._open: list[str] = []

    def install(self) -> None:
        """Take the place of what builds trees."""
        manager = self._astroid.AstroidManager
        manager.ast_from_file = self._file_builder(manager.ast_from_file)
        manager.ast_from_module = self._module_builder(manager.ast_from_module)
        manager.ast_from_module_name = self._asker(manager.ast_from_module_name)
        places = import_module("astroid.modutils")
        places.file_from_modpath = _seeker(places.file_from_modpath)  # type: ignore[attr-defined]
        builder = import_module("astroid.builder").AstroidBuilder
        builder.delayed_assattr = self._assigner(builder.delayed_assattr)

    def fill(self, name: str) -> None:
        """Build a module and what it asks for, and put everything back as it was."""
        cache = self.manager.astroid_cache
        before = dict(cache)
        with suppress(Exception), self._collecting():
            self.manager.ast_from_module_name(name)
        for change in reversed(self.changes):
            if isinstance(change, Change):
                _undo(change)
        self.changes.clear()
        RECORDER.once.clear()
        places = self.manager._mod_file_cache  # noqa: SLF001  # no other way
        self._places |= {
            (asked, file): place
            for (asked, file), place in places.items()
            if asked in self._trees and not isinstance(place, Exception)
        }
        cache.clear()
        cache.update(before)
        clear_caches()
        places.clear()

    @contextmanager
    def _collecting(self) -> Iterator[None]:
        self._building.append(None)
        try:
            yield
        finally:
            self._building.pop()

    @property
    def names(self) -> frozenset[str]:
        """The top-level names of all that is held ready."""
        return frozenset(name.partition(".")[0] for name in self._trees)

    def changes_after(self, path: str) -> list[Added]:
        """Return what others changed after a file's turn to be built."""
        later = self.changes[self.seen_changes[path] :]
        return [change for change in later if change.by != path]

    def forget(self) -> None:
        """Hold nothing ready any more."""
        self._trees.clear()
        self._places.clear()

    def trust_places(self) -> None:
        """Look no more for modules that are held ready: nothing of the checkout hides them."""
        places = self.manager._mod_file_cache  # noqa: SLF001  # no other way
        for key, place in self._places.items():
            places.setdefault(key, place)

    def activate(self, names: list[str]) -> None:
        """Do what asking for these modules does, in order; a tree that waits goes on waiting."""
        for name in names:
            waits = self.unbuilt is not None and self.unbuilt.waits(name)
            if not waits and name not in self.manager.astroid_cache:
                with suppress(Exception):
                    self.manager.ast_from_module_name(name)

    # --- what stands in for astroid's own ---------------------------------------------------

    def _asker(self, ask: Callable[..., Any]) -> Callable[..., Any]:
        def ask_for(manager: Any, modname: Any, *words: Any, **named: Any) -> Any:
            frame = RECORDER.frame
            if frame is not None and isinstance(modname, str):
                frame.asked[modname] = None
            if self._building and (tree := self._building[-1]) is not None:
                tree.events.append(modname)
            if self.unbuilt is not None and isinstance(modname, str):
                self.unbuilt.ask_for(modname)
            module = ask(manager, modname, *words, **named)
            if frame is not None and modname in self.asides:
                frame.merge(self.asides[modname].frame)
            return module

        return ask_for

    def _file_builder(self, build: Callable[..., Any]) -> Callable[..., Any]:
        def build_file(
            manager: Any, filepath: str, modname: str | None = None, *words: Any, **named: Any
        ) -> Any:
            run = partial(build, manager, filepath, modname, *words, **named)
            file = os.path.abspath(filepath)  # noqa: PTH100  # as astroid does: links stay
            if self.unbuilt is not None and modname:
                built = self.unbuilt.ask_for(modname)
                if built is not None:
                    return built
            known = manager.astroid_cache.get(modname)
            if known is not None:
                return run() if known.file == file else self._build(modname, file, run)
            tree = self._trees.get(modname) if modname else None
            if tree is not None and tree.module.file == file:
                return self._hand_out(modname, tree)
            return self._build(modname, file, run)

        return build_file

    def _module_builder(self, build: Callable[..., Any]) -> Callable[..., Any]:
        def build_module(manager: Any, module: Any, modname: str | None = None) -> Any:
            name = modname or module.__name__
            if name in manager.astroid_cache:
                return manager.astroid_cache[name]
            tree = self._trees.get(name)
            if tree is not None and tree.module.file == getattr(module, "__file__", None):
                return self._hand_out(name, tree)
            return self._build(name, "", partial(build, manager, module, modname))

        return build_module

    def _build(self, name: str | None, file: str, run: Callable[[], Any]) -> Any:
        """Build a tree; note what it looked at, or collect it."""
        if file.startswith(RECORDER.root):
            return self._build_own(name or "", file[len(RECORDER.root) :], run)
        tree = Tree(module=None)
        if self._building:
            self._building.append(tree)
        try:
            with RECORDER.note_for(Frame(LIBRARY)):
                tree.module = run()
        finally:
            if self._building:
                self._building.pop()
        if self._building and name:
            self._trees.setdefault(name, tree)
        return tree.module

    def _build_own(self, name: str, path: str, run: Callable[[], Any]) -> Any:
        """Build the tree of a file of the repository; whoever asks for it looks at what it did."""
        frame, outer = Frame(path), RECORDER.frame
        try:
            with self._anew(), RECORDER.note_for(frame), self._watching(path, frame):
                module = run()
        except Exception:
            frame.broken.add(path)
            raise
        else:
            self._note_built(path, name, frame)
            if self.unbuilt is not None and name and not self.unbuilt.is_own(path, name):
                frame = self._set_aside(name, module, frame)
            return module
        finally:
            if outer is not None:
                outer.merge(frame)

    def _anew(self) -> AbstractContextManager[None]:
        """Begin a tree with nothing inferred, or it is not noted what its building looks at.

        A plain run goes on with what it has inferred.
        """
        if self.unbuilt is None:
            return nullcontext()
        if RECORDER.frame is not None:
            return with_nothing_inferred()
        clear_caches()
        return nullcontext()

    def _note_built(self, path: str, name: str, frame: Frame) -> None:
        if path in self.builds:
            frame.merge(self.builds[path])
        self.builds[path] = frame
        self.built_as.setdefault(path, []).append(name)

    def _set_aside(self, name: str, module: Any, frame: Frame) -> Frame:
        """Return what is looked at by all who ask for a tree that cannot be compared."""
        whole = Frame(None)
        whole.merge(frame)
        with RECORDER.note_for(whole):
            module.locals.note(BODY)
        self.asides[name] = Aside(whole, len(self.changes), len(self.asides))
        return whole

    @contextmanager
    def _watching(self, path: str, frame: Frame) -> Iterator[None]:
        """Note how building a file changes other trees, and whether it builds another file's.

        Args:
            path: of the file.
            frame: what the building notes.
        """
        if self.unbuilt is not None and self.unbuilt.leaves_unbuilt(path):
            give_up()  # it is asked for by another name than its own
        self._open.append(path)
        seen = self.seen_changes.get(self._open[0], len(self.changes))
        self.seen_changes.setdefault(path, seen)
        log, start = self._log, len(self._log)
        try:
            yield
        finally:
            self._open.pop()
            for outer in self._open:
                self.inside.setdefault(outer, []).append(path)
            homes = {watched.home for watched, _ in frame.seen.values()}
            self.half[path] = [it for it in self._open if it in homes]
            own: set[Place] = set()
            for change in log[start:]:
                if change.by == path:
                    own.add(change.place)
                elif change.place in own:
                    self.mixed.add(path)

    @contextmanager
    def apart(self) -> Iterator[list[Added]]:
        """Build inside the ``with`` as if nothing else went on; yield what is changed meanwhile.

        What is being walked or built knows afterwards what it knew before.
        """
        before, self._open = self._open, []
        log, self._log = self._log, []
        RECORDER.apart += 1
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + sum(1 for _ in walk_stack(None)))
        try:
            with RECORDER.note_for(None), _other_caches({}, apart=True):
                yield self._log
        finally:
            self._open, self._log = before, log
            sys.setrecursionlimit(limit)

    def _hand_out(self, name: str | None, tree: Tree) -> Any:
        """Do what building it would do."""
        self.manager.astroid_cache[name] = tree.module
        with RECORDER.note_for(None):
            for event in tree.events:
                if isinstance(event, Change):
                    values = event.at.setdefault(event.name, [])
                    values.append(event.node)
                    self._log.append(event)
                elif event not in self.manager.astroid_cache:
                    with suppress(Exception):
                        self.manager.ast_from_module_name(event)
        return tree.module

    def _assigner(self, assign: Callable[..., Any]) -> Callable[..., Any]:
        def assign_attribute(builder: Any, node: Any) -> None:
            outer, RECORDER.assigned = RECORDER.assigned, []
            try:
                assign(builder, node)
            finally:
                touched, RECORDER.assigned = RECORDER.assigned, outer
            for at, name in {(id(at), name): (at, name) for at, name in touched}.values():
                self._note_added(at, name, node)

        return assign_attribute

    def _note_added(self, at: Watched, name: str, node: Any) -> None:
        values = dict.get(at, name) or []
        if name != node.attrname or not any(it is node for it in values):
            return
        if find_root(at.owner) is find_root(node):
            return
        if values[-1] is not node:  # another was added meanwhile, and told of before
            self.mixed.add(RECORDER.find_home(node) or LIBRARY)
        change = Change(at, name, node)
        self._log.append(change)
        if self._building and (tree := self._building[-1]) is not None:
            tree.events.append(change)


def _seeker(seek: Callable[..., Any]) -> Callable[..., Any]:
    def seek_place(modpath: list[str], *words: Any, **named: Any) -> Any:
        if RECORDER.frame is not None:
            RECORDER.frame.sought.add(".".join(modpath))
        return seek(modpath, *words, **named)

    return seek_place


def _undo(change: Change) -> None:
    values = dict.get(change.at, change.name, [])
    values[:] = [node for node in values if node is not change.node]
    if not values:
        dict.pop(change.at, change.name, None)


def clear_caches() -> None:
    """Forget every inference, so that what is asked for next is really looked at."""
    context = import_module("astroid.context")
    context._invalidate_cache()  # noqa: SLF001  # no other way
    import_module("astroid.inference_tip").clear_inference_tip_cache()
    _forget_lookups()
    if "pylint.checkers.clear_lru_cache" in sys.modules:
        import_module("pylint.checkers.clear_lru_cache").clear_lru_caches()


def _forget_lookups() -> None:
    import_module("astroid.nodes._base_nodes").LookupMixIn.lookup.cache_clear()
    import_module("astroid.nodes").ClassDef._metaclass_lookup_attribute.cache_clear()  # noqa: SLF001


@contextmanager
def with_nothing_inferred() -> Iterator[None]:
    """Have everything looked at anew that is asked for inside the ``with``.

    What was inferred before is known again after it, unless astroid emptied its cache meanwhile.
    """
    inferred: dict[Any, Any] = {_NOT_EMPTIED: ()}
    try:
        with _other_caches(inferred):
            yield
    finally:
        if _NOT_EMPTIED not in inferred:
            import_module("astroid.context")._invalidate_cache()  # noqa: SLF001  # no other way


@contextmanager
def _other_caches(inferred: dict[Any, Any], *, apart: bool = False) -> Iterator[None]:
    """Have astroid keep what it infers elsewhere, inside the ``with``.

    Args:
        inferred: where.
        apart: what is being inferred is none of its business, either.
    """
    module, tips = import_module("astroid.context"), import_module("astroid.inference_tip")
    context, before = module.InferenceContext, module._INFERENCE_CACHE  # noqa: SLF001
    usual, known_tips, busy = context.inferred, tips._cache, tips._CURRENTLY_INFERRING  # noqa: SLF001
    module._INFERENCE_CACHE = context.inferred = inferred  # type: ignore[attr-defined]  # noqa: SLF001
    tips._cache = OrderedDict()  # type: ignore[attr-defined]  # noqa: SLF001
    if apart:
        tips._CURRENTLY_INFERRING = set()  # type: ignore[attr-defined]  # noqa: SLF001
    _forget_lookups()
    try:
        yield
    finally:
        # What was looked up meanwhile was noted elsewhere, or in a tree that was half built.
        _forget_lookups()
        module._INFERENCE_CACHE, context.inferred = before, usual  # type: ignore[attr-defined]  # noqa: SLF001
        tips._cache, tips._CURRENTLY_INFERRING = known_tips, busy  # type: ignore[attr-defined]  # noqa: SLF001
