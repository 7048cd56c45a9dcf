/** The first program inside the sandbox where no C compiler is: what source-c.ts does, in Python 3 with ctypes. */
export const initSourcePython = String.raw`
import ctypes, fcntl, json, os, platform, resource, select, signal, struct, sys, time

CHANNEL = 3
libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == "x86_64"
CALLS = {"pivot_root": 155 if x86 else 41, "capset": 126 if x86 else 91, "mount_setattr": 442, "close_range": 436}
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18


def report(value):
    view = memoryview(("report " + json.dumps(value) + "\n").encode())
    while view:
        view = view[os.write(CHANNEL, view):]


def fail(words):
    report({"status": "setup-failed", "message": words})
    os._exit(1)


def check(result, what):
    if result != 0:
        fail(what + ": " + os.strerror(ctypes.get_errno()))


def mount(source, target, kind, flags, options=None):
    encode = lambda text: None if text is None else text.encode()
    return libc.mount(encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), encode(options))


stream = open(CHANNEL, "rb", closefd=False)
args, env, fetched, rlimits, limits = [], {}, [], [], {"error": 65536}
root, core, piped, stdin, program_filter, confined = "", -1, False, None, None, False


def set_read_only(path):
    attributes = struct.pack("QQQQ", 1 | 2, 0, 0, 0)
    if libc.syscall(CALLS["mount_setattr"], -100, path.encode(), 0x8000, attributes, len(attributes)) == 0:
        return 0
    stats = os.statvfs(path)
    kept = stats.f_flag & (NODEV | NOEXEC)
    return mount(None, path, None, BIND | REMOUNT | RDONLY | NOSUID | kept)


def show(path, writable):
    if not os.path.exists(path):
        return
    target = root + path
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
    check(mount(path, target, None, BIND | REC), "show " + path)
    if not writable:
        check(set_read_only(target), "make read-only " + path)


def enter():
    os.chdir(root)
    check(libc.syscall(CALLS["pivot_root"], b".", b".old"), "pivot_root")
    os.chdir("/")
    check(libc.umount2(b"/.old", 2), "leave the host's tree")
    os.rmdir("/.old")
    check(mount(None, "/", None, BIND | REMOUNT | RDONLY | NOSUID | NODEV), "make the root read-only")


def read_plan():
    global root, core, piped, stdin, program_filter, confined
    path = None
    while True:
        line = stream.readline()
        if not line:
            fail("the plan ends early")
        op, a, b, size = line.split()
        a, b, size = int(a), int(b), int(size)
        payload = stream.read(size)
        text = payload.decode() if op not in (b"data", b"stdin", b"seccomp") else ""
        if op == b"data":
            with open(path, "wb") as file:
                file.write(payload)
        elif op == b"stdin":
            stdin = os.memfd_create("stdin")
            view = memoryview(payload)
            while view:
                view = view[os.write(stdin, view):]
            os.lseek(stdin, 0, 0)
        elif op == b"root":
            root, confined = "/sys", True
            check(mount(None, "/", None, REC | PRIVATE), "make mounts private")
            check(mount("tmpfs", root, "tmpfs", NOSUID | NODEV, "mode=755,size=1m"), "mount a root")
            os.mkdir("/sys/.old", 0o700)
        elif op == b"show":
            show(text, a)
        elif op == b"link":
            os.symlink(text[a:], root + text[:a])
        elif op == b"proc":
            os.mkdir(root + "/proc")
            check(mount("proc", root + "/proc", "proc", NOSUID | NODEV | NOEXEC), "mount /proc")
        elif op == b"tmpfs":
            os.makedirs(root + text, exist_ok=True)
            check(mount("tmpfs", root + text, "tmpfs", NOSUID | NODEV, "mode=755,nr_inodes=65536,size=%d" % a), "mount " + text)
        elif op == b"enter":
            enter()
            root = ""
        elif op == b"dir":
            os.makedirs(text, exist_ok=True)
            os.chmod(text, a)
        elif op == b"file":
            os.makedirs(os.path.dirname(text), exist_ok=True)
            path = text
            open(path, "wb").close()
            os.chmod(path, a | 0o200)
        elif op == b"chdir":
            os.chdir(text)
        elif op == b"arg":
            args.append(text)
        elif op == b"env":
            name, _, value = text.partition("=")
            env[name] = value
        elif op == b"fetch":
            fetched.append((text, a))
        elif op == b"rlimit":
            rlimits.append((int(text), a, b))
        elif op == b"limit":
            limits[text] = a
        elif op == b"core":
            core = a
        elif op == b"piped":
            piped = True
        elif op == b"seccomp":
            program_filter = payload
        elif op == b"run":
            return
        else:
            fail("the plan asks for " + op.decode())


def lose_capabilities():
    for capability in range(64):
        if libc.prctl(24, capability, 0, 0, 0) != 0:
            break
    libc.prctl(28, 0x2F, 0, 0, 0)
    header, data = struct.pack("Ii", 0x20080522, 0), bytes(24)
    if libc.syscall(CALLS["capset"], header, data) != 0:
        raise OSError(ctypes.get_errno(), "drop capabilities")


def become_program(out, err, fault):
    try:
        os.setsid()
        for fd, to in ((stdin, 0), (out, 1), (err, 2)):
            if fd is not None:
                os.dup2(fd, to)
        if core >= 0:
            try:
                os.sched_setaffinity(0, {core})
            except OSError:
                pass
        for number, soft, hard in rlimits:
            now = resource.getrlimit(number)[1]
            least = lambda wanted, bound: bound if wanted < 0 else wanted if bound < 0 else min(wanted, bound)
            hard = least(hard, now)
            resource.setrlimit(number, (least(soft, hard), hard))
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        if confined:
            lose_capabilities()
        if libc.prctl(38, 1, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "no new privileges")
        libc.syscall(CALLS["close_range"], CHANNEL, fault - 1, 0)
        libc.syscall(CALLS["close_range"], fault + 1, 0xFFFFFFFF, 0)
        if program_filter:
            store = ctypes.create_string_buffer(program_filter, len(program_filter))
            head = struct.pack("HxxxxxxP", len(program_filter) // 8, ctypes.addressof(store))
            if libc.prctl(22, 2, head, 0, 0) != 0:
                raise OSError(ctypes.get_errno(), "seccomp")
        os.execve(args[0], args, env)
    except OSError as error:
        os.write(fault, (error.strerror or "?").encode())
    os._exit(127)


def process_us(pid):
    try:
        return time.clock_gettime_ns(((~pid) << 3) | 2) // 1000
    except OSError:
        return 0


def reaped_us():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int((used.ru_utime + used.ru_stime) * 1e6)


page_bytes, clock_ticks = os.sysconf("SC_PAGESIZE"), os.sysconf("SC_CLK_TCK")
seen, gone, cpu, memory, process_peak = {}, 0, 0, 0, 0
written = [0, 0, 0]


def look(main):
    global gone, cpu, memory, process_peak
    accounted, resident, busy, alive = reaped_us(), 0, False, {}
    try:
        names = os.listdir("/proc")
    except OSError:
        before, cpu = cpu, max(cpu, accounted + process_us(main))
        return cpu - before > 1000
    for name in names:
        if not name.isdigit() or name == "1":
            continue
        try:
            with open("/proc/%s/stat" % name) as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        resident += int(fields[21]) * page_bytes
        busy = busy or fields[0] in "RD"
        us = process_us(int(name))
        alive[name] = us
        accounted += us + (int(fields[13]) + int(fields[14])) * 1000000 // clock_ticks
    for name, us in seen.items():
        if name not in alive or alive[name] < us:
            gone += us
    seen.clear()
    seen.update(alive)
    cpu = max(cpu, accounted, gone + sum(alive.values()))
    memory = max(memory, resident)
    process_peak = max(process_peak, len(alive))
    return busy


def pump(source, to, limit, endless):
    try:
        chunk = os.read(source, 65536)
    except OSError:
        return 0
    if not chunk:
        return 0
    room = max(0, limit - written[to])
    written[to] += len(chunk)
    view = memoryview(chunk)[:room]
    try:
        while view:
            view = view[os.write(to, view):]
    except OSError:
        return 0
    return -1 if not endless and written[to] > limit else 1


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Python's own handler would let the program end us
    libc.prctl(4, 0, 0, 0, 0)
    fcntl.fcntl(CHANNEL, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    try:
        read_plan()
    except OSError as error:
        fail(str(error))
    out = (None, None) if piped else os.pipe()
    err, fault = os.pipe(), os.pipe()
    wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake[1], warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    start = last = time.monotonic_ns() // 1000
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        become_program(out[1], err[1], fault[1])
    for fd in (out[1], err[1], fault[1]):
        if fd is not None:
            os.close(fd)
    if piped:
        null = os.open("/dev/null", os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
    words = os.read(fault[0], 200)
    if words:
        fail("start %s: %s" % (args[0], words.decode()))
    passed = 0
    status, ended, idle, open_out, open_err, peer_gone = None, None, 0, not piped, True, False
    while ended is None and status is None:
        poll = select.poll()
        poll.register(wake[0], select.POLLIN)
        poll.register(CHANNEL, 0x2000)
        if open_out:
            poll.register(out[0], select.POLLIN)
        if open_err:
            poll.register(err[0], select.POLLIN)
        ready = {fd for fd, _ in poll.poll(10)}
        if open_out and out[0] in ready:
            state = pump(out[0], 1, limits["output"], False)
            status = "output-limit" if state < 0 else status
            open_out = state != 0
        if open_err and err[0] in ready:
            open_err = pump(err[0], 2, limits["error"], True) != 0
        if CHANNEL in ready:
            status, peer_gone = "abandoned", True
        if wake[0] in ready:
            os.read(wake[0], 4096)
        while True:
            try:
                child, code = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if child == 0:
                break
            if child == pid:
                ended = code
        if ended is not None:
            break
        now = time.monotonic_ns() // 1000
        if now - last >= 10000:
            # Who waits for us to take its output is not idle.
            idle += 0 if look(pid) or passed != sum(written) else now - last
            passed = sum(written)
            last = now
            if limits.get("memory") and memory > limits["memory"]:
                status = "memory-limit"
            elif limits.get("cpu") and cpu > limits["cpu"]:
                status = "cpu-limit"
            elif limits.get("idle") and idle > limits["idle"]:
                status = "idle-limit"
            elif limits.get("wall") and now - start > limits["wall"]:
                status = "wall-limit"
    wall = time.monotonic_ns() // 1000 - start
    try:
        os.kill(-1, signal.SIGKILL)
    except OSError:
        pass
    while True:
        try:
            child, code = os.wait()
        except ChildProcessError:
            break
        if child == pid and ended is None:
            ended = code
    while open_out and not peer_gone and status != "output-limit":
        state = pump(out[0], 1, limits["output"], False)
        if state < 0:
            status = status or "output-limit"
        if state <= 0:
            break
    while open_err and not peer_gone and pump(err[0], 2, limits["error"], True):
        pass
    used = max(cpu, reaped_us())
    peak = max(memory, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
    if status is None:
        if limits.get("memory") and peak > limits["memory"]:
            status = "memory-limit"
        elif limits.get("cpu") and used > limits["cpu"]:
            status = "cpu-limit"
        else:
            status = "signaled" if os.WIFSIGNALED(ended) else "exited"
    for index, (path, most) in enumerate(fetched):
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(fd, "rb") as file:
                data = file.read(most + 1)
        except OSError:
            continue
        if len(data) <= most:
            view = memoryview(b"file %d %d\n" % (index, len(data)) + data)
            while view:
                view = view[os.write(CHANNEL, view):]
    report({
        "status": status, "code": os.WEXITSTATUS(ended) if os.WIFEXITED(ended) else -1,
        "signal": os.WTERMSIG(ended) if os.WIFSIGNALED(ended) else 0, "cpuUs": used, "wallUs": wall, "idleUs": idle,
        "memoryBytes": peak, "outputBytes": written[1], "errorBytes": written[2], "processPeak": process_peak,
    })


main()
`;
