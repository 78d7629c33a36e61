"""What an attack is, what it knows of the world outside, and how it is run.

Everything in this folder is copied into a checkout and runs inside the sandbox, so it uses the
standard library only.
An attack tells by a true result that it got through; an error means that something held.
"""

import json
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

Attack = namedtuple("Attack", "name group run alone root_only cannot ends")

ATTACKS = {}


def attack(group, *, alone=False, root_only=False, cannot="", ends=""):
    """Register an attack.

    alone: it kills, fills or hangs its process, so it gets a job of its own.
    root_only: without a sandbox, only root gets through.
    cannot: why it does not get through without a sandbox either (on some machines).
    ends: a word of the reason that the sandbox must give for ending it; only with alone.
    """

    def register(function):
        name = function.__name__
        assert name not in ATTACKS, f"two attacks are called {name}"
        ATTACKS[name] = Attack(name, group, function, alone, root_only, cannot, ends)
        return function

    return register


def load_world():
    text = Path(__file__).resolve().parents[1].joinpath("world.json").read_text()
    return SimpleNamespace(**json.loads(text))


def carry_out(names, write):
    """Run attacks one after the other; write a line before each and one after a breach."""
    world = load_world()
    for name in names:
        write(f"start {name}\n")
        try:
            breach = ATTACKS[name].run(world)
        except Exception as error:
            write(f"held {name} {type(error).__name__}: {error}\n".replace("\n", " ") + "\n")
            continue
        write(f"breach {name}\n" if breach else f"held {name}\n")
