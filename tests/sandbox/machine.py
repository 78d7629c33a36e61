"""A seccomp filter's machine in Python: runs a program as the kernel does."""

from __future__ import annotations

import struct

from lintbot.sandbox.jail import seccomp
from lintbot.sandbox.jail.seccomp import Program
from lintbot.sandbox.jail.syscalls import Arch

_DATA_BYTES = 64


def run(
    program: Program, arch: int | Arch, number: int, arguments: tuple[int, ...] = ()
) -> tuple[int, int]:
    """Return the action and its data for one system call."""
    audit = arch.audit if isinstance(arch, Arch) else arch
    words = [word & (1 << 64) - 1 for word in (*arguments, 0, 0, 0, 0, 0, 0)[:6]]
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, audit, 0, *words)
    assert len(data) == _DATA_BYTES
    accumulator, at = 0, 0
    while True:
        code, if_true, if_false, value = program[at]
        at += 1
        if code == seccomp.RETURN:
            return value & 0xFFFF0000, value & 0xFFFF
        if code == seccomp.LOAD:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif code == seccomp.AND:
            accumulator &= value
        else:
            at += if_true if _holds(code, accumulator, value) else if_false


def _holds(code: int, accumulator: int, value: int) -> bool:
    if code == seccomp.JUMP_EQUAL:
        return accumulator == value
    if code == seccomp.JUMP_AT_LEAST:
        return accumulator >= value
    assert code == seccomp.JUMP_ANY_BIT
    return bool(accumulator & value)


def check(program: Program) -> None:
    """Fail where the kernel would refuse a program (``bpf_check_classic``)."""
    assert 0 < len(program) <= 4096
    assert program[-1].code == seccomp.RETURN
    for at, instruction in enumerate(program):
        assert 0 <= instruction.value < 1 << 32
        if instruction.code in {
            seccomp.JUMP_EQUAL,
            seccomp.JUMP_AT_LEAST,
            seccomp.JUMP_ANY_BIT,
        }:
            for jump in (instruction.if_true, instruction.if_false):
                assert 0 <= jump < 256
                assert at + 1 + jump < len(program)
        if instruction.code == seccomp.LOAD:
            assert instruction.value % 4 == 0
            assert instruction.value < _DATA_BYTES
