/**
 * Programs that try to get out, take too much or do harm. Each prints `ESCAPED` and what it got, if it gets anything;
 * each names the ways in which it may end when the sandbox holds. Written in Python, whose ctypes reach every call.
 */
import type { Outcome } from "../outcome.ts";

export interface EscapeProgram {
  name: string;
  source: string;
  /** How it may end; `exited` is with any exit code, after all its attempts were refused. */
  ends: Outcome["status"][];
  /** Only where the kernel is this one. */
  architecture?: "x64";
}

const exited: Outcome["status"][] = ["exited"];
/** Ran into a limit, or was refused more and gave up. */
const limited: Outcome["status"][] = [
  "cpu-limit",
  "idle-limit",
  "wall-limit",
  "memory-limit",
  "output-limit",
  "exited",
  "signaled",
];

/** `attempt(name, f)` reports success; refusals and missing files are what should happen. */
export const escapePrelude = `
import ctypes, errno, os, socket, sys, time, signal
libc = ctypes.CDLL(None, use_errno=True)
x86 = os.uname().machine == "x86_64"
def attempt(name, f):
    try: result = f()
    except BaseException as error: print("refused", name, type(error).__name__); return
    if result is not None and result is not False: print("ESCAPED", name, repr(result)[:200])
    else: print("refused", name)
    sys.stdout.flush()
def call(x64, arm64, *args):
    result = libc.syscall(x64 if x86 else arm64, *args)
    return None if result == -1 else result
def read(path): return open(path, "rb").read(100) or None
`;

/** Told to the programs: a file of the host that holds a secret. */
export const canaryVariable = "CANARY";

export const escapePrograms: EscapeProgram[] = [
  // ---- the network
  {
    name: "network",
    ends: exited,
    source: `for kind in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17):
    for how in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        attempt("socket %d %d" % (kind, how), lambda: socket.socket(kind, how))`,
  },
  {
    name: "connect",
    ends: exited,
    source: `attempt("tcp", lambda: socket.create_connection(("1.1.1.1", 53), 2))\nattempt("name", lambda: socket.gethostbyname("example.com"))`,
  },
  {
    name: "host-sockets",
    ends: exited,
    source: `def talk(path):\n    s = socket.socket(socket.AF_UNIX); s.connect(path); return path\nfor path in ("/run/docker.sock", "/var/run/docker.sock", "/run/systemd/private", "/tmp/.X11-unix/X0"): attempt(path, lambda: talk(path))`,
  },
  // ---- files of the host
  {
    name: "host-files",
    ends: exited,
    source: `attempt("canary", lambda: read(os.environ["CANARY"]))
for path in ("/etc/passwd", "/etc/shadow", "/etc/hosts", "/root/.ssh/id_rsa", "/root/.bashrc", "/home", "/var/log/dpkg.log", "/sys/kernel/notes", "/boot", "/opt", "/srv", "/mnt", "/old_root"):
    attempt(path, lambda: os.listdir(path) if os.path.isdir(path) else read(path))`,
  },
  {
    name: "symbolic-links",
    ends: exited,
    source: `canary = os.environ["CANARY"]
def through(target):
    if os.path.lexists("/box/link"): os.remove("/box/link")
    os.symlink(target, "/box/link"); return read("/box/link")
for prefix in ("", "/proc/1/root", "/proc/self/root/..", "/proc/self/cwd/../..", "/dev/fd/3/../..", "/proc/1/cwd/../.."): attempt(prefix, lambda: through(prefix + canary))
attempt("hard link", lambda: os.link("/usr/bin/env", "/box/env"))`,
  },
  {
    name: "system-folders",
    ends: exited,
    source: `for path in ("/usr/bin/polymath-was-here", "/usr/lib/x", "/etc/ld.so.preload", "/bin/x", "/dev/x", "/x", "/proc/x", "/usr/bin/env"):
    attempt(path, lambda: open(path, "ab").close() or path)
attempt("chmod", lambda: os.chmod("/usr/bin/env", 0o777) or 1)
attempt("chown", lambda: os.chown("/usr/bin/env", 0, 0) or 1)
attempt("rename", lambda: os.rename("/usr/bin", "/box/bin") or 1)`,
  },
  {
    name: "devices",
    ends: exited,
    source: `for path in ("/dev/mem", "/dev/kmsg", "/dev/port", "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/kvm", "/dev/net/tun"): attempt(path, lambda: os.open(path, os.O_RDWR))
import stat
attempt("mknod", lambda: os.mknod("/box/disk", 0o666 | stat.S_IFBLK, os.makedev(8, 0)) or 1)`,
  },
  // ---- /proc
  {
    name: "proc-reads",
    ends: exited,
    source: `attempt("host processes", lambda: [p for p in os.listdir("/proc") if p.isdigit() and int(p) > 50] or None)
for name in ("environ", "mem", "maps", "root/etc/passwd", "cwd/..", "fd", "exe", "auxv"):
    path = "/proc/1/" + name
    attempt(path, lambda: (os.listdir(path) if os.path.isdir(path) else read(path)) or None)
for path in ("/proc/kcore", "/proc/kallsyms.x", "/proc/sys/kernel/cap_last_cap.x", "/proc/slabinfo"): attempt(path, lambda: read(path))`,
  },
  {
    name: "proc-writes",
    ends: exited,
    source: `def write(path, text):
    with open(path, "w") as file: file.write(text)
    return path
for path, text in (("/proc/sys/kernel/core_pattern", "|/box/x"), ("/proc/sysrq-trigger", "b"), ("/proc/sys/vm/overcommit_memory", "1"), ("/proc/sys/kernel/hostname", "x"),
    ("/proc/1/oom_score_adj", "1000"), ("/proc/self/oom_score_adj", "-1000"), ("/proc/1/mem", "x"), ("/proc/self/uid_map", "0 0 1"), ("/proc/1/uid_map", "0 0 1"), ("/proc/1/setgroups", "allow")):
    attempt(path, lambda: write(path, text))`,
  },
  // ---- other processes
  {
    name: "ptrace",
    ends: exited,
    source: `for pid in (1, os.getppid()):
    attempt("attach", lambda: call(101, 117, 16, pid, 0, 0))
    attempt("seize", lambda: call(101, 117, 0x4206, pid, 0, 0))
attempt("traceme", lambda: call(101, 117, 0, 0, 0, 0))
class Part(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
store = ctypes.create_string_buffer(64); local = Part(ctypes.addressof(store), 64); remote = Part(0x400000, 64)
attempt("process_vm_readv", lambda: call(310, 270, 1, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0))
attempt("process_vm_writev", lambda: call(311, 271, 1, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0))`,
  },
  {
    name: "signals",
    ends: ["exited", "signaled"],
    source: `for pid in (1, os.getppid(), -1):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGSTOP):
        try: os.kill(pid, number)
        except OSError as error: print("refused", pid, number, error.errno)
for pid in range(2, 3000):
    if pid != os.getpid():
        try: os.kill(pid, signal.SIGKILL); print("ESCAPED", pid)
        except OSError: pass`,
  },
  {
    name: "outlives",
    ends: exited,
    source: `for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGHUP, signal.SIG_IGN)
            os.execv(sys.executable, ["polymath-escapee", "-c", "import time\\nwhile True: time.sleep(1)"])
        os._exit(0)
time.sleep(0.2)`,
  },
  // ---- privileges
  {
    name: "privileges",
    ends: exited,
    source: `attempt("setuid", lambda: None if os.getuid() == 0 else os.setuid(0) or 1)
attempt("setgroups", lambda: os.setgroups([0]) or 1)
attempt("setresuid", lambda: os.setresuid(12345, 12345, 12345) or 1)
attempt("capset", lambda: call(126, 91, (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(0xffffffff, 0xffffffff, 0, 0xffffffff, 0xffffffff, 0)))
attempt("nice", lambda: os.setpriority(os.PRIO_PROCESS, 0, -20) or 1)
attempt("realtime", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)) or 1)
import resource
attempt("rlimit", lambda: resource.setrlimit(resource.RLIMIT_CPU, (10000, 10000)) or 1)
for tool in ("/usr/bin/su", "/usr/bin/sudo", "/usr/bin/mount", "/usr/bin/newgrp"):
    if os.path.exists(tool): attempt(tool, lambda: None if os.spawnv(os.P_WAIT, tool, [tool, "-c", "id"]) else 1)`,
  },
  {
    name: "namespaces",
    ends: exited,
    source: `for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x8000000, 0x4000000, 0x2000000): attempt("unshare %x" % flag, lambda: call(272, 97, flag))
attempt("clone", lambda: call(56, 220, 0x10000011, 0, 0, 0, 0))
attempt("clone3", lambda: call(435, 435, (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17), 88))
attempt("setns", lambda: call(308, 268, os.open("/proc/self/ns/user", os.O_RDONLY), 0))`,
  },
  {
    name: "mounts",
    ends: exited,
    source: `attempt("mount", lambda: call(165, 40, b"proc", b"/box", b"proc", 0, None))
attempt("bind", lambda: call(165, 40, b"/", b"/box", None, 4096, None))
attempt("remount", lambda: call(165, 40, None, b"/usr", None, 32 | 4096, None))
attempt("umount", lambda: call(166, 39, b"/box", 2))
attempt("chroot", lambda: os.chroot("/box") or 1)
attempt("pivot_root", lambda: call(155, 41, b"/box", b"/box"))
attempt("open_tree", lambda: call(428, 428, -100, b"/", 1))
attempt("fsopen", lambda: call(430, 430, b"tmpfs", 0))
attempt("mount_setattr", lambda: call(442, 442, -100, b"/usr", 0, (ctypes.c_uint64 * 4)(0, 1), 32))
attempt("open_by_handle_at", lambda: call(304, 265, -100, b"x" * 64, 0))`,
  },
  {
    name: "kernel-interfaces",
    ends: exited,
    source: `attempt("keyctl", lambda: call(250, 219, 0, -3, 1))
attempt("add_key", lambda: call(248, 217, b"user", b"x", b"y", 1, -3))
attempt("bpf", lambda: call(321, 280, 0, (ctypes.c_uint64 * 16)(), 128))
attempt("perf_event_open", lambda: call(298, 241, (ctypes.c_uint64 * 16)(), 0, -1, -1, 0))
attempt("io_uring", lambda: call(425, 425, 8, (ctypes.c_uint64 * 32)()))
attempt("userfaultfd", lambda: call(323, 282, 0))
attempt("syslog", lambda: call(103, 116, 3, ctypes.create_string_buffer(100), 100))
attempt("settimeofday", lambda: call(164, 170, (ctypes.c_uint64 * 2)(1, 1), None))
attempt("sethostname", lambda: socket.sethostname("x") or 1)
attempt("personality", lambda: call(135, 92, 0x0040000))`,
  },
  {
    name: "terminal",
    ends: exited,
    source: `import fcntl\nfor fd in (0, 1, 2): attempt("TIOCSTI", lambda: fcntl.ioctl(fd, 0x5412, b"x") is None or 1)\nattempt("tty", lambda: os.open("/dev/tty", os.O_RDWR))`,
  },
  {
    name: "reboot",
    ends: ["security"],
    source: `print(call(169, 142, 0xfee1dead, 672274793, 0x1234567, 0)); print("ESCAPED")`,
  },
  { name: "kernel-module", ends: ["security"], source: `print(call(175, 105, b"x", 1, b"")); print("ESCAPED")` },
  {
    name: "other-numbering",
    ends: ["security"],
    architecture: "x64",
    source: `print(libc.syscall(0x40000000 + 39)); print("ESCAPED x32")`,
  },
  {
    name: "other-architecture",
    ends: ["security", "signaled"],
    architecture: "x64",
    source: `import mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes([0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xc3])) # mov eax, 20 (getpid of i386); int 0x80; ret
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()); print("ESCAPED i386")`,
  },
  // ---- taking too much
  { name: "fork-bomb", ends: limited, source: `while True:\n    try: os.fork()\n    except OSError: pass` },
  { name: "shell-fork-bomb", ends: limited, source: `os.execv("/bin/sh", ["sh", "-c", "f() { f | f & f; }; f"])` },
  {
    name: "thread-bomb",
    ends: limited,
    source: `import threading\ntry:\n    for _ in range(100000): threading.Thread(target=time.sleep, args=(100,), daemon=True).start()\n    print("ESCAPED 100000 threads")\nexcept RuntimeError: os._exit(1)`,
  },
  {
    name: "memory-10-gb",
    ends: limited,
    source: `try:\n    keep = [b"x" * (1 << 20) for _ in range(10240)]; print("ESCAPED", len(keep))\nexcept MemoryError: sys.exit(1)`,
  },
  {
    name: "memory-at-once",
    ends: limited,
    source: `try:\n    keep = bytearray(10 << 30); keep[::4096] = b"x" * len(keep[::4096]); print("ESCAPED")\nexcept MemoryError: sys.exit(1)`,
  },
  {
    name: "memory-of-children",
    ends: limited,
    source: `for _ in range(30):
    if os.fork() == 0: keep = b"x" * (20 << 20); time.sleep(60); os._exit(0)
time.sleep(60); print("ESCAPED")`,
  },
  {
    name: "hidden-memory",
    ends: exited,
    source: `attempt("memfd", lambda: os.memfd_create("x"))\nattempt("shmget", lambda: call(29, 194, 0, 1 << 30, 0o1600))\nattempt("msgget", lambda: call(68, 186, 0, 0o1600))`,
  },
  {
    name: "file-10-gb",
    ends: limited,
    source: `for name in ("/box/a", "/tmp/a", "/dev/shm/a"):\n    try:\n        with open(name, "wb") as file:\n            for _ in range(10240): file.write(b"x" * (1 << 20)); file.flush()\n        print("ESCAPED", name)\n    except OSError as error: print("refused", error)`,
  },
  {
    name: "sparse-file",
    ends: limited,
    source: `def grow():\n    with open("/box/a", "wb") as file: file.truncate(1 << 40)\n    return 1\nattempt("truncate", grow)\nattempt("fallocate", lambda: os.posix_fallocate(os.open("/box/b", os.O_RDWR | os.O_CREAT), 0, 10 << 30) or 1)`,
  },
  {
    name: "many-files",
    ends: limited,
    source: `try:\n    for i in range(10_000_000): open("/box/%d" % i, "w").close()\n    print("ESCAPED")\nexcept OSError as error: print("refused", error)`,
  },
  {
    name: "deep-folders",
    ends: limited,
    source: `try:\n    for i in range(1_000_000): os.mkdir("d"); os.chdir("d")\n    print("ESCAPED")\nexcept OSError as error: print("refused", error)`,
  },
  {
    name: "endless-output",
    ends: ["output-limit", "cpu-limit"],
    source: `while True: sys.stdout.write("spam " * 10000)`,
  },
  {
    name: "unpacked-bomb",
    ends: ["output-limit", "cpu-limit"],
    source: `import zlib\nbomb = zlib.compress(b"x" * (8 << 20), 9)\nwhile True: sys.stdout.buffer.write(zlib.decompress(bomb))`,
  },
  { name: "endless-errors", ends: ["cpu-limit"], source: `while True: sys.stderr.write("spam " * 10000)` },
  {
    name: "open-files",
    ends: exited,
    source: `keep = []\ntry:\n    while True: keep.append(os.open("/dev/null", os.O_RDONLY))\nexcept OSError: print("refused", len(keep)) if len(keep) < 1000 else print("ESCAPED", len(keep))`,
  },
  // ---- not ending
  { name: "endless-loop", ends: ["cpu-limit"], source: `while True: pass` },
  {
    name: "hidden-children",
    ends: ["cpu-limit"],
    source: `signal.signal(signal.SIGCHLD, signal.SIG_IGN)\nwhile True:\n    if os.fork() == 0:\n        end = time.process_time() + 0.1\n        while time.process_time() < end: pass\n        os._exit(0)\n    try: os.wait()\n    except ChildProcessError: pass`,
  },
  { name: "sleeping", ends: ["idle-limit"], source: `time.sleep(1000)` },
  {
    name: "deaf",
    ends: ["idle-limit"],
    source: `for number in range(1, 65):\n    try: signal.signal(number, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: signal.pause()`,
  },
  {
    name: "closed-streams",
    ends: ["cpu-limit"],
    source: `for fd in range(100):\n    try: os.close(fd)\n    except OSError: pass\nwhile True: pass`,
  },
  { name: "stopped", ends: ["idle-limit"], source: `os.kill(os.getpid(), signal.SIGSTOP)` },
];
