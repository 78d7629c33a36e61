"""Run attacks by name, or every attack that shares a process: ``python3 -m corpus NAME…``."""

import os
import sys

from . import ATTACKS, carry_out

names = sys.argv[1:] or [attack.name for attack in ATTACKS.values() if not attack.alone]
carry_out(names, lambda line: os.write(1, line.encode()))
