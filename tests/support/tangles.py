"""Random repositories in which everybody sets attributes on what others define."""

from __future__ import annotations

from random import Random

NAMES = ("foo", "fooa", "foob", "bar", "size")
"""Some as like as one another: pylint names the nearest where one is missing."""
VALUES = ("1", "'a'", "2.0", "[]")
THREAD = "threading.Thread"
LAST: dict[str, str] = {"zzz.py": "X = 1\n"}
"""The last file is always built."""


class Tangle:
    """A repository that changes step by step."""

    def __init__(self, seed: str, *, circles: bool) -> None:
        """Write its first files.

        Args:
            seed: the same seed makes the same steps.
            circles: files may import one another in a circle.
        """
        self._random = Random(seed)
        self._circles = circles
        self._count = self._random.randint(4, 9)
        # The order in which files are named is not the order in which they build on each other.
        self._places = self._random.sample(range(self._count), self._count)
        ignored = [self._path(number) for number in range(self._count) if self._happens(0.2)]
        self.files = LAST | {
            self._path(number): self._write(number) for number in range(self._count)
        }
        self.files["pylintrc"] = f"[MAIN]\nignore={','.join(ignored)}\n"

    def change(self) -> dict[str, str]:
        """Change a file or two, or take one away; return all."""
        for _ in range(self._random.choice((1, 1, 1, 2))):
            number = self._random.randrange(self._count)
            path = self._path(number)
            lines = self.files.get(path, "X = 1\n").splitlines(keepends=True)
            match self._random.randrange(10):
                case 0:
                    self.files.pop(path, None)
                    continue
                case 1:
                    lines = ["(\n"]
                case 2:
                    lines.append("# more\n")
                case 3 | 4 | 5:
                    del lines[self._random.randrange(len(lines))]
                case _:
                    lines = [self._write(number)]
            self.files[path] = "".join(lines) or "X = 1\n"
        return dict(self.files)

    def _path(self, number: int) -> str:
        return f"m{self._places[number]}.py"

    def _write(self, number: int) -> str:
        """Return the text of a file: imports, a class, what it adds elsewhere, what it looks at."""
        lines, classes, modules = self._write_imports(number)
        own = f"C{self._places[number]}"
        if self._happens(0.8):
            base = f"({self._pick(classes)})" if classes and self._happens(0.4) else ""
            lines += [f"class {own}{base}:", *self._write_body(classes)]
            classes.append(own)
        classes = classes or ["int"]
        if self._happens(0.3):
            lines.append(f"{self._pick(NAMES)} = {self._write_value(classes)}")
        lines += [self._write_addition(classes, modules) for _ in range(self._random.randint(0, 4))]
        lines += [self._write_look(classes, modules) for _ in range(self._random.randint(0, 4))]
        return "\n".join(lines) + "\n"

    def _write_imports(self, number: int) -> tuple[list[str], list[str], list[str]]:
        """Return the lines, the names of classes, and of modules."""
        others = [it for it in range(self._count) if it < number or (self._circles and it > number)]
        lines, classes, modules = [], [], []
        for _ in range(self._random.randint(1, 3) if others else 0):
            place = self._places[self._random.choice(others)]
            kind = self._random.random()
            if kind < 0.15:
                lines.append("import threading")
                classes.append(THREAD)
                modules.append("threading")
            elif kind < 0.4:
                lines.append(f"import m{place}")
                classes.append(f"m{place}.C{place}")
                modules.append(f"m{place}")
            else:
                lines.append(f"from m{place} import {'*' if kind < 0.6 else f'C{place}'}")
                classes.append(f"C{place}")
        return lines, classes, modules

    def _write_body(self, classes: list[str]) -> list[str]:
        body = []
        if self._happens(0.15):
            body.append(f"    __slots__ = ({self._pick(NAMES)!r},)")
        if self._happens(0.5):
            body.append(f"    {self._pick(NAMES)} = {self._write_value(classes)}")
        if self._happens(0.6):
            body.append("    def __init__(self):")
            body += [
                f"        self.{self._pick(NAMES)} = {self._write_value(classes)}"
                for _ in range(self._random.randint(1, 3))
            ]
        if self._happens(0.3):
            body += [f"    @{self._pick(classes)}"] if classes and self._happens(0.3) else []
            body += ["    def run(self, x):", f"        return {self._write_value(classes)}"]
        return body or ["    pass"]

    def _write_value(self, classes: list[str]) -> str:
        if not classes or self._happens(0.5):
            return self._pick(VALUES)
        return self._pick(classes) + self._pick(("", "()", f"().{self._pick(NAMES)}"))

    def _write_addition(self, classes: list[str], modules: list[str]) -> str:
        holders = (self._pick(classes), f"{self._pick(classes)}()", self._pick(modules or classes))
        holder = self._pick((*holders, f"{self._pick(classes)}.{self._pick(NAMES)}"))
        return f"{holder}.{self._pick(NAMES)} = {self._write_value(classes)}"

    def _write_look(self, classes: list[str], modules: list[str]) -> str:
        holder, name = self._pick(classes), self._pick(NAMES)
        looks = (f"{holder}().{name}.no", f"{holder}.{name}.upper()", f"{holder}().fo")
        looks += (f"{self._pick(modules or classes)}.{name}.no", f"{holder}().run(1, 2).no()")
        return f"print({self._pick(looks)})"

    def _happens(self, chance: float) -> bool:
        return self._random.random() < chance

    def _pick(self, some: list[str] | tuple[str, ...]) -> str:
        return self._random.choice(some)
