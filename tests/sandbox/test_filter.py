"""The system call filter, run by an interpreter of our own, for both machines."""

from __future__ import annotations

import errno
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintbot.sandbox.jail.seccomp import ALLOW, ERRNO, KILL, Program, build_filter
from lintbot.sandbox.jail.syscalls import ALLOWED, NUMBERS, REFUSED, Arch
from tests.sandbox import machine

PID = 4321
X32 = 0x40000000
OTHERS = {
    Arch.X86_64: (0x40000003, Arch.AARCH64.audit),
    Arch.AARCH64: (0x40000028, Arch.X86_64.audit),
}
"""i386 and 32-bit ARM, and each other's."""

PROFILES = list(product(Arch, (True, False), (True, False), (True, False)))
ALL_NAMES = tuple(NUMBERS)


@pytest.fixture(params=PROFILES, ids=str)
def profile(request: pytest.FixtureRequest) -> tuple[Arch, bool, bool, bool, Program]:
    arch, execute, threads, truncate = request.param
    program = build_filter(
        arch, pid=PID, execute=execute, threads=threads, refuse_truncate=truncate
    )
    return arch, execute, threads, truncate, program


def _build(arch: Arch, *, execute: bool = False, threads: bool = False) -> Program:
    return build_filter(arch, pid=PID, execute=execute, threads=threads)


def _answer(error: int) -> tuple[int, int]:
    return ERRNO, error


ALLOWED_ANSWER = (ALLOW & 0xFFFF0000, ALLOW & 0xFFFF)


def test_the_kernel_would_take_it(profile: tuple[Arch, bool, bool, bool, Program]) -> None:
    machine.check(profile[-1])


def test_every_allowed_call_is_allowed(profile: tuple[Arch, bool, bool, bool, Program]) -> None:
    arch, *_, program = profile
    for number in arch.numbers(ALLOWED):
        assert machine.run(program, arch, number) == ALLOWED_ANSWER


def test_every_refused_call_is_refused(profile: tuple[Arch, bool, bool, bool, Program]) -> None:
    arch, *_, program = profile
    for number in arch.numbers(REFUSED):
        assert machine.run(program, arch, number, (-1,) * 6) == _answer(errno.EPERM)


def test_every_unknown_call_does_not_exist(
    profile: tuple[Arch, bool, bool, bool, Program],
) -> None:
    arch, *_, program = profile
    known = set(arch.numbers(ALL_NAMES))
    for number in set(range(1024)) - known:
        assert machine.run(program, arch, number) == _answer(errno.ENOSYS)


def test_another_machines_calls_kill(profile: tuple[Arch, bool, bool, bool, Program]) -> None:
    arch, *_, program = profile
    for other, number in product(OTHERS[arch], range(512)):
        assert machine.run(program, other, number) == (KILL, 0)


@pytest.mark.parametrize("number", [X32, X32 + 39, X32 + 520, 0x7FFFFFFF, 0xFFFFFFFF])
def test_x32_calls_kill(number: int) -> None:
    assert machine.run(_build(Arch.X86_64), Arch.X86_64, number) == (KILL, 0)
    assert machine.run(_build(Arch.AARCH64), Arch.AARCH64, number) == _answer(errno.ENOSYS)


@pytest.mark.parametrize("arch", Arch)
def test_only_the_own_process_is_signalled(arch: Arch) -> None:
    program = _build(arch)
    for name in ("kill", "tgkill"):
        number = arch.number(name)
        assert number is not None
        assert machine.run(program, arch, number, (PID, 9)) == ALLOWED_ANSWER
        for other in (0, -1, -PID, 1, PID + 1):
            assert machine.run(program, arch, number, (other, 9)) == _answer(errno.EPERM)


@pytest.mark.parametrize("arch", Arch)
def test_limits_are_asked_of_oneself_only(arch: Arch) -> None:
    number = arch.numbers(("prlimit64",))[0]
    assert machine.run(_build(arch), arch, number, (0,)) == ALLOWED_ANSWER
    assert machine.run(_build(arch), arch, number, (PID,)) == _answer(errno.EPERM)


@pytest.mark.parametrize("arch", Arch)
def test_programs_and_threads_by_profile(arch: Arch) -> None:
    clone, execve = arch.numbers(("clone", "execve"))
    thread, process = 0x3D0F00, 17
    for execute, threads in product((True, False), repeat=2):
        program = _build(arch, execute=execute, threads=threads)
        expected = ALLOWED_ANSWER if execute else _answer(errno.EPERM)
        assert machine.run(program, arch, execve) == expected
        expected = ALLOWED_ANSWER if threads else _answer(errno.EPERM)
        assert machine.run(program, arch, clone, (thread,)) == expected
        assert machine.run(program, arch, clone, (process,)) == _answer(errno.EPERM)


@given(flags=st.integers(0, 2**64 - 1), arch=st.sampled_from(Arch))
def test_no_clone_makes_a_process_or_a_namespace(flags: int, arch: Arch) -> None:
    never = 0x2000 | 0x8000 | 0x7E020000
    program = _build(arch, threads=True)
    answer = machine.run(program, arch, arch.numbers(("clone",))[0], (flags,))
    assert (answer == ALLOWED_ANSWER) == bool(flags & 0x10000 and not flags & never)


@pytest.mark.parametrize("arch", Arch)
def test_truncating_is_refused_where_landlock_cannot(arch: Arch) -> None:
    for refuse in (True, False):
        program = build_filter(arch, pid=PID, execute=False, threads=False, refuse_truncate=refuse)
        expected = _answer(errno.EACCES) if refuse else ALLOWED_ANSWER
        openat = arch.numbers(("openat",))[0]
        assert machine.run(program, arch, openat, (-100, 0, 0x201)) == expected
        assert machine.run(program, arch, openat, (-100, 0, 0x1)) == ALLOWED_ANSWER
        for number in arch.numbers(("open",)):
            assert machine.run(program, arch, number, (0, 0x201)) == expected


ARGUMENTS = {
    "ioctl": (1, {0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451}, errno.ENOTTY),
    "fcntl": (1, {0, 1, 2, 3, 4, 1030, 1032}, errno.EPERM),
    "prctl": (0, {3, 15, 16, 21, 39, 0x53564D41}, errno.EINVAL),
}


@pytest.mark.parametrize("name", ARGUMENTS)
@given(
    value=st.one_of(st.integers(0, 0x6000), st.integers(0, 2**64 - 1)), arch=st.sampled_from(Arch)
)
def test_only_harmless_requests_are_made(name: str, value: int, arch: Arch) -> None:
    position, harmless, error = ARGUMENTS[name]
    arguments = (*(0,) * position, value)
    answer = machine.run(_build(arch), arch, arch.numbers((name,))[0], arguments)
    low_half = value & 0xFFFFFFFF  # the kernel looks at no more
    assert answer == (ALLOWED_ANSWER if low_half in harmless else _answer(error))


@given(number=st.integers(0, 2**32 - 1), arguments=st.tuples(*[st.integers(0, 2**64 - 1)] * 6))
def test_it_always_answers(number: int, arguments: tuple[int, ...]) -> None:
    for arch in Arch:
        action, _ = machine.run(_build(arch), arch, number, arguments)
        assert action in {KILL, ERRNO, ALLOW & 0xFFFF0000}


def test_the_lists_do_not_overlap() -> None:
    assert not set(ALLOWED) & set(REFUSED)
    for arch in Arch:
        numbers = arch.numbers(ALL_NAMES)
        assert len(numbers) == len(set(numbers))


def test_what_gives_privilege_network_or_processes_is_not_allowed() -> None:
    dangerous = {"socket", "socketpair", "connect", "fork", "vfork", "ptrace", "mount", "unshare"}
    dangerous |= {"bpf", "keyctl", "io_uring_setup", "setuid", "setresuid", "memfd_create", "chmod"}
    assert dangerous <= set(REFUSED)
