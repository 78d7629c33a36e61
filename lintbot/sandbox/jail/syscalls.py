"""Pure: system call numbers of both architectures, and what a job may call.

Numbers: Linux ``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h``.
The list was measured: pylint, flake8, ruff and mypy need 42 of these; the rest is what a C library
may fall back to and what reads, computes or ends.
"""

from __future__ import annotations

import platform
from enum import Enum


class Arch(Enum):
    """A machine that the filter knows: its audit number and its column in the table."""

    X86_64 = (0xC000003E, 0)
    AARCH64 = (0xC00000B7, 1)

    @property
    def audit(self) -> int:
        """AUDIT_ARCH_*, https://man7.org/linux/man-pages/man2/seccomp.2.html."""
        return self.value[0]

    def number(self, name: str) -> int | None:
        """Return a system call's number; None if this machine never had it."""
        return NUMBERS[name][self.value[1]]

    def numbers(self, names: tuple[str, ...]) -> list[int]:
        """Return the numbers of those names that this machine has."""
        return [number for name in names if (number := self.number(name)) is not None]


def this_arch() -> Arch:
    """Return this machine's architecture.

    Raises:
        OSError: the sandbox does not know it.
    """
    known = {"x86_64": Arch.X86_64, "aarch64": Arch.AARCH64}
    machine = platform.machine()
    if machine not in known:
        raise OSError(f"the sandbox knows x86_64 and aarch64, not {machine}")
    return known[machine]


def _parse(table: str) -> dict[str, tuple[int | None, int | None]]:
    """Read ``name:x86_64:aarch64`` words; ``-`` where a machine never had the call."""
    numbers = {}
    for word in table.split():
        name, *columns = word.split(":")
        first, second = (None if column == "-" else int(column) for column in columns)
        numbers[name] = (first, second)
    return numbers


_ALLOWED = _parse("""
read:0:63 write:1:64 readv:19:65 writev:20:66 pread64:17:67 pwrite64:18:68 preadv:295:69
pwritev:296:70 preadv2:327:286 pwritev2:328:287 close:3:57 close_range:436:436 lseek:8:62
open:2:- openat:257:56 stat:4:- fstat:5:80 lstat:6:- newfstatat:262:79 statx:332:291 access:21:-
faccessat:269:48 faccessat2:439:439 readlink:89:- readlinkat:267:78 getdents:78:-
getdents64:217:61 getcwd:79:17 chdir:80:49 fchdir:81:50 mmap:9:222 mprotect:10:226 munmap:11:215
mremap:25:216 madvise:28:233 brk:12:214 msync:26:227 rt_sigaction:13:134 rt_sigprocmask:14:135
rt_sigreturn:15:139 sigaltstack:131:132 rt_sigpending:127:136 rt_sigtimedwait:128:137
rt_sigsuspend:130:133 pause:34:- restart_syscall:219:128 futex:202:98 futex_waitv:449:449
set_robust_list:273:99 get_robust_list:274:100 rseq:334:293 membarrier:324:283
clock_gettime:228:113 clock_getres:229:114 clock_nanosleep:230:115 nanosleep:35:101
gettimeofday:96:169 time:201:- times:100:153 getrusage:98:165 sysinfo:99:179 uname:63:160
getpid:39:172 getppid:110:173 gettid:186:178 getuid:102:174 geteuid:107:175 getgid:104:176
getegid:108:177 getgroups:115:158 getresuid:118:148 getresgid:120:150 getpgrp:111:-
getpgid:121:155 getsid:124:156 sched_yield:24:124 sched_getaffinity:204:123
sched_getparam:143:121 sched_getscheduler:145:120 sched_get_priority_max:146:125
sched_get_priority_min:147:126 sched_rr_get_interval:148:127 getpriority:140:141 getcpu:309:168
arch_prctl:158:- set_tid_address:218:96 exit:60:93 exit_group:231:94 wait4:61:260 waitid:247:95
dup:32:23 dup2:33:- dup3:292:24 pipe:22:- pipe2:293:59 eventfd2:290:19 epoll_create1:291:20
epoll_ctl:233:21 epoll_wait:232:- epoll_pwait:281:22 poll:7:- ppoll:271:73 select:23:-
pselect6:270:72 getrandom:318:278 getrlimit:97:163 umask:95:166 fsync:74:82 fdatasync:75:83
ftruncate:77:46 fadvise64:221:223 statfs:137:43 fstatfs:138:44 mkdir:83:- mkdirat:258:34
unlink:87:- unlinkat:263:35 rmdir:84:- rename:82:- renameat:264:38 renameat2:316:276 alarm:37:-
setitimer:38:103 getitimer:36:102
""")

_BY_ARGUMENT = _parse("""
ioctl:16:29 fcntl:72:25 prctl:157:167 prlimit64:302:261 kill:62:129 tgkill:234:131 clone:56:220
execve:59:221
""")

_REFUSED = _parse("""
socket:41:198 socketpair:53:199 connect:42:203 accept:43:202 accept4:288:242 bind:49:200
listen:50:201 sendto:44:206 recvfrom:45:207 sendmsg:46:211 recvmsg:47:212 sendmmsg:307:269
recvmmsg:299:243 setsockopt:54:208 getsockopt:55:209 fork:57:- vfork:58:- execveat:322:281
tkill:200:130 rt_sigqueueinfo:129:138 rt_tgsigqueueinfo:297:240 pidfd_open:434:434
pidfd_getfd:438:438 pidfd_send_signal:424:424 ptrace:101:117 process_vm_readv:310:270
process_vm_writev:311:271 kcmp:312:272 process_madvise:440:440 setpriority:141:140
sched_setaffinity:203:122 sched_setparam:142:118 sched_setscheduler:144:119
sched_setattr:314:274 ioprio_set:251:30 setrlimit:160:164 setsid:112:157 setpgid:109:154
setuid:105:146 setgid:106:144 setreuid:113:145 setregid:114:143 setresuid:117:147
setresgid:119:149 setgroups:116:159 setfsuid:122:151 setfsgid:123:152 capset:126:91
personality:135:92 unshare:272:97 setns:308:268 mount:165:40 umount2:166:39 pivot_root:155:41
chroot:161:51 move_mount:429:429 open_tree:428:428 fsopen:430:430 fsconfig:431:431
fsmount:432:432 fspick:433:433 mount_setattr:442:442 swapon:167:224 swapoff:168:225 chmod:90:-
fchmod:91:52 fchmodat:268:53 fchmodat2:452:452 chown:92:- fchown:93:55 lchown:94:-
fchownat:260:54 utime:132:- utimes:235:- futimesat:261:- utimensat:280:88 setxattr:188:5
lsetxattr:189:6 fsetxattr:190:7 removexattr:197:14 lremovexattr:198:15 fremovexattr:199:16
truncate:76:45 creat:85:- link:86:- linkat:265:37 symlink:88:- symlinkat:266:36 mknod:133:-
mknodat:259:33 fallocate:285:47 name_to_handle_at:303:264 open_by_handle_at:304:265
fanotify_init:300:262 inotify_init1:294:26 memfd_create:319:279 memfd_secret:447:447
shmget:29:194 shmat:30:196 shmctl:31:195 semget:64:190 semop:65:193 semctl:66:191 msgget:68:186
msgsnd:69:189 msgrcv:70:188 msgctl:71:187 mq_open:240:180 mq_unlink:241:181 add_key:248:217
request_key:249:218 keyctl:250:219 bpf:321:280 perf_event_open:298:241 userfaultfd:323:282
io_uring_setup:425:425 io_uring_enter:426:426 io_uring_register:427:427 init_module:175:105
finit_module:313:273 delete_module:176:106 kexec_load:246:104 kexec_file_load:320:294
reboot:169:142 syslog:103:116 acct:163:89 settimeofday:164:170 clock_settime:227:112
clock_adjtime:305:266 adjtimex:159:171 sethostname:170:161 setdomainname:171:162 iopl:172:-
ioperm:173:- modify_ldt:154:- quotactl:179:60 lookup_dcookie:212:18 vmsplice:278:75
splice:275:76 tee:276:77
""")

ALLOWED = tuple(_ALLOWED)
"""Allowed whatever the arguments."""

REFUSED = tuple(_REFUSED)
"""Answered EPERM: known, and never needed. Everything unnamed is answered ENOSYS."""

NUMBERS = _ALLOWED | _BY_ARGUMENT | _REFUSED
