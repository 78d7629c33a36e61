"""Shell: what a class descends from, looked up once for each reader.

pylint asks for it again and again. Once the inference of each base, of the class and of all it
descends from, is in astroid's own cache, astroid can only find the same classes again. What it
found is kept in that cache, too, and is gone as soon as astroid empties it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from .recorder import RECORDER

Ancestors = Callable[..., Iterator[Any]]


def install() -> None:
    """Take the place of astroid's own."""
    kind = import_module("astroid.nodes").ClassDef
    kind.ancestors = make_ancestors(
        kind.ancestors, import_module("astroid.context").InferenceContext
    )


def make_ancestors(usual: Ancestors, caches: Any) -> Ancestors:
    """Return what yields the ancestors of a class.

    Args:
        usual: astroid's own way.
        caches: its ``inferred`` is astroid's cache at that moment: node and three facts about who
            asks, to what it was inferred as.
    """

    def ancestors(of: Any, recurs: bool = True, context: Any = None) -> Iterator[Any]:
        if not recurs or not of.bases:
            return usual(of, recurs, context)
        asker, arguments = (None, None, None), {}
        if context is not None:
            asker = context.lookupname, context.callcontext, context.boundnode
            arguments = context.extra_context
        # Each reader has its own: what the first look noted is noted for that reader only.
        key = (of, *asker, RECORDER.frame, "ancestors")
        known = caches.inferred.get(key)
        if known is not None and known[1].isdisjoint(arguments):
            return iter(known[0])
        return look(of, context, asker, key)

    def look(of: Any, context: Any, asker: tuple[Any, ...], key: tuple[Any, ...]) -> Iterator[Any]:
        found = []
        for ancestor in usual(of, True, context):
            found.append(ancestor)
            yield ancestor
        bases = {base for it in (of, *found) for base in it.bases}
        inferred = caches.inferred
        if all(_is_settled(base) and (base, *asker) in inferred for base in bases):
            inferred[key] = tuple(found), bases

    return ancestors


def _is_settled(base: Any) -> bool:
    """Tell whether astroid infers a node in its usual way, and not as one of its brains has it."""
    return base._explicit_inference is None  # noqa: SLF001  # no other way
