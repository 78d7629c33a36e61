"""Ancestors that are looked up once are the same, and noted by everybody who asks."""

from __future__ import annotations

import enum
import inspect
import socketserver
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import astroid
import pytest
from astroid import nodes
from astroid.context import _INFERENCE_CACHE, CallContext, InferenceContext, _invalidate_cache

from lintbot.sandbox.jail.reuse.ancestors import make_ancestors
from lintbot.sandbox.jail.reuse.recorder import RECORDER, Frame

USUAL = nodes.ClassDef.ancestors
CACHES = SimpleNamespace(inferred=_INFERENCE_CACHE)
ODD = """
import typing, collections, missing
from missing import Base

class Own(Own): ...
class A(Base, missing.Other): ...
class B(A, metaclass=type): ...
class C(B, typing.Generic[typing.TypeVar("T")]): ...
class D(collections.namedtuple("D", "a b"), C): ...
def make(base):
    class Made(base, B): ...
    return Made
class E(make(C), make(D)): ...
class F(E if Own else D): ...
"""


@pytest.fixture(params=[inspect.getsource(enum), inspect.getsource(socketserver), ODD])
def classes(request: pytest.FixtureRequest) -> Iterator[list[nodes.ClassDef]]:
    _invalidate_cache()
    yield list(astroid.parse(request.param).nodes_of_class(nodes.ClassDef))
    _invalidate_cache()


def contexts(some: nodes.ClassDef) -> list[InferenceContext | None]:
    bound, called = InferenceContext(), InferenceContext()
    bound.boundnode = some
    called.callcontext = CallContext([])
    called.lookupname = "x"
    return [None, InferenceContext(), bound, called]


def test_the_same_are_found_first_and_again(classes: list[nodes.ClassDef]):
    remembering = make_ancestors(USUAL, CACHES)
    for of in classes:
        for context in contexts(of):
            for recurs in (True, False):
                first, usual = (list(USUAL(of, recurs, context)) for _ in range(2))
                for _ in range(2):
                    found = list(remembering(of, recurs, context))
                    assert [it.qname() for it in found] == [it.qname() for it in usual]
                    # Of a named tuple astroid makes another class each time it looks.
                    assert found == usual or first != usual


def test_what_is_known_is_not_looked_for():
    asked: list[str] = []

    def noting(of: Any, *words: Any) -> Iterator[Any]:
        asked.append(of.name)
        return USUAL(of, *words)

    _invalidate_cache()
    remembering = make_ancestors(noting, CACHES)
    of = astroid.extract_node("class A: ...\nclass B(A): ...\nclass C(B): ... #@")
    frame = Frame("a.py")
    with RECORDER.note_for(frame):
        first = list(remembering(of))
        assert [it.name for it in remembering(of)] == ["B", "A", "object"]
    assert asked == ["C"]
    with RECORDER.note_for(Frame("a.py")):  # another reader, who has noted nothing
        assert list(remembering(of)) == first
    assert asked == ["C", "C"]
    _invalidate_cache()
    with RECORDER.note_for(frame):
        assert list(remembering(of)) == first
    assert asked == ["C", "C", "C"]


def test_who_stops_early_leaves_nothing():
    _invalidate_cache()
    remembering = make_ancestors(USUAL, CACHES)
    of = astroid.extract_node("class A: ...\nclass B(A): ...\nclass C(B): ... #@")
    assert next(remembering(of)).name == "B"
    assert not any("ancestors" in key for key in _INFERENCE_CACHE)
    assert len(list(remembering(of))) == 3
    assert any("ancestors" in key for key in _INFERENCE_CACHE)


def test_a_base_that_is_passed_in_a_call_is_looked_up_there():
    """What is known with other arguments says nothing about a base that is an argument."""
    _invalidate_cache()
    remembering = make_ancestors(USUAL, CACHES)
    of = astroid.extract_node("class A: ...\nclass X: ...\nclass C(A): ... #@")
    usual = list(remembering(of, True, InferenceContext()))
    context = InferenceContext()
    elsewhere = InferenceContext()
    elsewhere.lookupname = "somewhere else"
    context.extra_context = {of.bases[0]: elsewhere}
    asked: list[Any] = []

    def noting(*words: Any) -> Iterator[Any]:
        asked.append(words)
        return USUAL(*words)

    assert list(make_ancestors(noting, CACHES)(of, True, context)) == usual
    assert asked
