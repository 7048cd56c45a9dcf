/**
 * The first program inside the sandbox, in C: process 1 of its own process namespace, parent of what is being run.
 * It reads the plan (plan.ts) on file descriptor 3, finishes the file system where `unshare` made the namespaces, puts
 * files in place, gives up all privileges, loads the seccomp filter, starts the program, watches its whole process
 * tree against the limits and reports on descriptor 3. Nothing of the tree outlives it, since it is process 1.
 *
 * What it counts: CPU time is that of every process of the tree, the larger of what the kernel handed up through
 * `wait4` and what was seen alive at each tick (a program that ignores SIGCHLD hides its children from the former).
 * Memory is the sum of the resident sets at a tick, or the largest single one that `wait4` reports. Idle time is ticks
 * at which no process of the tree was running or waiting for a disk: a busy host slows a program but makes it not idle.
 */
export const initSourceC = String.raw`
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHANNEL = 3, MAX_STRINGS = 512, MAX_SEEN = 4096 };
typedef long long i64;

/* ---- the plan ---- */
static char *args[MAX_STRINGS + 1], *vars[MAX_STRINGS + 1], *fetched[MAX_STRINGS];
static i64 fetch_bytes[MAX_STRINGS];
static int arg_count, var_count, fetch_count;
static struct { int resource; i64 soft, hard; } rlimits[16];
static int rlimit_count;
static i64 cpu_limit_us, wall_limit_us, idle_limit_us, memory_limit, output_limit, error_limit = 65536;
static int tick_ms = 10, piped, core = -1, stdin_fd = -1, in_new_root, drop_capabilities;
static struct sock_fprog filter;
static const char *root = "";

static void finish(const char *text, size_t size) {
  while (size > 0) {
    ssize_t n = write(CHANNEL, text, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    text += n;
    size -= n;
  }
}

static void fail(const char *format, ...) {
  char words[600], line[1400];
  va_list list;
  va_start(list, format);
  vsnprintf(words, sizeof words, format, list);
  va_end(list);
  for (char *c = words; *c; c++) if (*c == '"' || *c == '\\' || (unsigned char)*c < 32) *c = ' ';
  int size = snprintf(line, sizeof line, "report {\"status\":\"setup-failed\",\"message\":\"%s\"}\n", words);
  finish(line, size);
  _exit(1);
}

static char buffer[65536];
static size_t have, used;

static int next_byte(void) {
  if (used == have) {
    ssize_t n;
    do n = read(CHANNEL, buffer, sizeof buffer); while (n < 0 && errno == EINTR);
    if (n <= 0) fail("the plan ends early");
    have = n;
    used = 0;
  }
  return (unsigned char)buffer[used++];
}

/* Copies the next bytes of the plan into a file descriptor, or into memory. */
static void take(i64 size, int fd, char *into) {
  while (size > 0) {
    if (used == have) { next_byte(); used--; }
    size_t n = have - used;
    if ((i64)n > size) n = size;
    if (into) { memcpy(into, buffer + used, n); into += n; }
    for (size_t done = 0; fd >= 0 && done < n;) {
      ssize_t w = write(fd, buffer + used + done, n - done);
      if (w < 0) fail("cannot write a file: %s", strerror(errno));
      done += w;
    }
    used += n;
    size -= n;
  }
}

static void make_parents(const char *path) {
  char copy[4096];
  snprintf(copy, sizeof copy, "%s", path);
  for (char *c = copy + 1; *c; c++)
    if (*c == '/') { *c = 0; mkdir(copy, 0755); *c = '/'; }
}

static const char *in_root(const char *path) {
  static char full[4][4096];
  static int turn;
  char *to = full[turn = (turn + 1) % 4];
  snprintf(to, 4096, "%s%s", root, path);
  return to;
}

/* ---- the file system, where unshare left it to us ---- */
static int set_read_only(const char *path) {
  struct { unsigned long long set, clear, propagation, userns; } attributes = { 1 | 2, 0, 0, 0 }; /* read-only, nosuid */
  if (syscall(442, AT_FDCWD, path, 0x8000 /* recursive */, &attributes, sizeof attributes) == 0) return 0;
  struct statvfs stats; /* kernels before 5.12: the flags that stand may not be dropped */
  unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID;
  if (statvfs(path, &stats) == 0) {
    if (stats.f_flag & ST_NODEV) flags |= MS_NODEV;
    if (stats.f_flag & ST_NOEXEC) flags |= MS_NOEXEC;
    if (stats.f_flag & ST_NOATIME) flags |= MS_NOATIME;
    if (stats.f_flag & ST_RELATIME) flags |= MS_RELATIME;
  }
  return mount(NULL, path, NULL, flags, NULL);
}

static void start_root(void) {
  root = "/sys"; /* any folder serves that nothing is shown from: it is hidden only in this namespace */
  in_new_root = 1;
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) fail("make mounts private: %s", strerror(errno));
  if (mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")) fail("mount a root: %s", strerror(errno));
  mkdir("/sys/.old", 0700);
}

/* Shown under the host's name; the host's own tree is reached through nothing else. */
static void bind_path(const char *path, int writable) {
  struct stat stats;
  if (stat(path, &stats)) return;
  const char *target = in_root(path);
  make_parents(target);
  if (S_ISDIR(stats.st_mode)) mkdir(target, 0755);
  else close(open(target, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
  if (mount(path, target, NULL, MS_BIND | MS_REC, NULL)) fail("show %s: %s", path, strerror(errno));
  if (!writable && set_read_only(target)) fail("make %s read-only: %s", path, strerror(errno));
}

static void enter_root(void) {
  if (chdir(root)) fail("enter the root: %s", strerror(errno));
  if (syscall(SYS_pivot_root, ".", ".old")) fail("pivot_root: %s", strerror(errno));
  if (chdir("/") || umount2("/.old", MNT_DETACH)) fail("leave the host's tree: %s", strerror(errno));
  rmdir("/.old");
  if (mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL))
    fail("make the root read-only: %s", strerror(errno));
  root = "";
}

static void read_plan(void) {
  int file = -1;
  for (;;) {
    char line[128], op[32];
    size_t length = 0;
    for (int c; (c = next_byte()) != '\n';) if (length < sizeof line - 1) line[length++] = c;
    line[length] = 0;
    i64 a = 0, b = 0, size = 0;
    if (sscanf(line, "%31s %lld %lld %lld", op, &a, &b, &size) != 4) fail("the plan has a line: %s", line);
    if (!strcmp(op, "data")) { take(size, file, NULL); close(file); file = -1; continue; }
    if (!strcmp(op, "stdin")) {
      stdin_fd = syscall(SYS_memfd_create, "stdin", 1 /* close on exec */);
      if (stdin_fd < 0) fail("stdin: %s", strerror(errno));
      take(size, stdin_fd, NULL);
      lseek(stdin_fd, 0, SEEK_SET);
      continue;
    }
    char *text = malloc(size + 1);
    take(size, -1, text);
    text[size] = 0;
    if (!strcmp(op, "root")) start_root();
    else if (!strcmp(op, "show")) bind_path(text, a);
    else if (!strcmp(op, "link")) { if (symlink(text + a, in_root(strndup(text, a)))) fail("link %s: %s", text, strerror(errno)); }
    else if (!strcmp(op, "proc")) {
      mkdir(in_root("/proc"), 0555);
      if (mount("proc", in_root("/proc"), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)) fail("mount /proc: %s", strerror(errno));
    }
    else if (!strcmp(op, "tmpfs")) {
      char options[64];
      snprintf(options, sizeof options, "mode=755,nr_inodes=65536,size=%lld", a);
      make_parents(in_root(text));
      mkdir(in_root(text), 0755);
      if (mount("tmpfs", in_root(text), "tmpfs", MS_NOSUID | MS_NODEV, options)) fail("mount %s: %s", text, strerror(errno));
    }
    else if (!strcmp(op, "enter")) { enter_root(); drop_capabilities = 1; }
    else if (!strcmp(op, "dir")) { make_parents(text); mkdir(text, a); }
    else if (!strcmp(op, "file")) {
      make_parents(text);
      file = open(text, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
      if (file < 0) fail("write %s: %s", text, strerror(errno));
      fchmod(file, a);
    }
    else if (!strcmp(op, "chdir")) { if (chdir(text)) fail("enter %s: %s", text, strerror(errno)); }
    else if (!strcmp(op, "arg")) { if (arg_count < MAX_STRINGS) args[arg_count++] = text; }
    else if (!strcmp(op, "env")) { if (var_count < MAX_STRINGS) vars[var_count++] = text; }
    else if (!strcmp(op, "fetch")) { if (fetch_count < MAX_STRINGS) { fetch_bytes[fetch_count] = a; fetched[fetch_count++] = text; } }
    else if (!strcmp(op, "rlimit")) {
      if (rlimit_count < 16) {
        rlimits[rlimit_count].resource = atoi(text);
        rlimits[rlimit_count].soft = a;
        rlimits[rlimit_count++].hard = b;
      }
    }
    else if (!strcmp(op, "limit")) {
      if (!strcmp(text, "cpu")) cpu_limit_us = a;
      else if (!strcmp(text, "wall")) wall_limit_us = a;
      else if (!strcmp(text, "idle")) idle_limit_us = a;
      else if (!strcmp(text, "memory")) memory_limit = a;
      else if (!strcmp(text, "output")) output_limit = a;
      else if (!strcmp(text, "error")) error_limit = a;
      else fail("the plan limits %s", text);
    }
    else if (!strcmp(op, "core")) core = a;
    else if (!strcmp(op, "piped")) piped = 1;
    else if (!strcmp(op, "seccomp")) { filter.filter = (struct sock_filter *)text; filter.len = size / 8; }
    else if (!strcmp(op, "run")) return;
    else fail("the plan asks for %s", op);
  }
}

/* ---- the program ---- */
static void lose_capabilities(void) {
  for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) {}
  prctl(PR_SET_SECUREBITS, 0x2f, 0, 0, 0); /* uid 0 of this namespace means nothing on exec; locked */
  struct { unsigned version; int pid; } header = { 0x20080522, 0 };
  unsigned data[6] = { 0 };
  if (syscall(SYS_capset, &header, data)) fail("drop capabilities: %s", strerror(errno));
}

static void become_program(int out, int err, int fault) {
  setsid();
  if (stdin_fd >= 0) dup2(stdin_fd, 0);
  if (out >= 0) dup2(out, 1);
  if (err >= 0) dup2(err, 2);
  if (core >= 0) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    sched_setaffinity(0, sizeof set, &set); /* a core that is gone by now is no reason to fail */
  }
  for (int i = 0; i < rlimit_count; i++) {
    struct rlimit limit = { rlimits[i].soft < 0 ? RLIM_INFINITY : (rlim_t)rlimits[i].soft,
                            rlimits[i].hard < 0 ? RLIM_INFINITY : (rlim_t)rlimits[i].hard };
    struct rlimit now;
    getrlimit(rlimits[i].resource, &now); /* what the host allows less of, stays less */
    if (limit.rlim_max > now.rlim_max) limit.rlim_max = now.rlim_max;
    if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
    if (setrlimit(rlimits[i].resource, &limit)) goto broken;
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  if (drop_capabilities) lose_capabilities();
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) goto broken;
  if (syscall(SYS_close_range, CHANNEL + 1, fault - 1, 0) == 0) syscall(SYS_close_range, fault + 1, ~0U, 0);
  close(CHANNEL);
  if (filter.len && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) &&
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0)) goto broken;
  execve(args[0], args, vars);
broken:;
  int code = errno;
  if (write(fault, &code, sizeof code)) {}
  _exit(127);
}

static i64 now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

/* CPU time of a living process, all its threads; the clock's name is made of the process id. */
static i64 process_us(int pid) {
  struct timespec t;
  if (clock_gettime((clockid_t)((~(unsigned)pid << 3) | 2), &t)) return 0;
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static struct { int pid, tick; i64 us; } seen[MAX_SEEN];
static int seen_count, tick_number, process_peak;
static i64 gone_us, cpu_us, memory_peak, page_bytes, clock_ticks;

static void note_process(int pid, i64 us) {
  for (int i = 0; i < seen_count; i++) {
    if (seen[i].pid != pid) continue;
    if (us < seen[i].us) gone_us += seen[i].us; /* the number went to a new process */
    seen[i].us = us;
    seen[i].tick = tick_number;
    return;
  }
  if (seen_count < MAX_SEEN) {
    seen[seen_count].pid = pid;
    seen[seen_count].us = us;
    seen[seen_count++].tick = tick_number;
  }
}

/* One look at the tree. Returns whether any of it was busy. */
static int look(int main_pid) {
  struct rusage reaped;
  getrusage(RUSAGE_CHILDREN, &reaped);
  i64 accounted = reaped.ru_utime.tv_sec * 1000000LL + reaped.ru_utime.tv_usec + reaped.ru_stime.tv_sec * 1000000LL + reaped.ru_stime.tv_usec;
  i64 resident = 0, observed = 0;
  int busy = 0, count = 0;
  tick_number++;
  DIR *dir = opendir("/proc");
  if (!dir) { /* hosts that hide /proc: only the program itself can be watched */
    i64 before = cpu_us, us = process_us(main_pid) + accounted;
    if (us > cpu_us) cpu_us = us;
    return cpu_us - before > tick_ms * 100;
  }
  for (struct dirent *entry; (entry = readdir(dir));) {
    int pid = atoi(entry->d_name);
    if (pid <= 1) continue;
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0) continue;
    text[n] = 0;
    char *fields = strrchr(text, ')'), state;
    long long children_user, children_system, pages;
    if (!fields || sscanf(fields + 2, "%c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %lld %lld %*d %*d %*d %*d %*u %*u %lld",
                          &state, &children_user, &children_system, &pages) != 4) continue;
    count++;
    resident += pages * page_bytes;
    if (state == 'R' || state == 'D') busy = 1;
    i64 us = process_us(pid);
    note_process(pid, us);
    accounted += us + (children_user + children_system) * 1000000 / clock_ticks;
  }
  closedir(dir);
  for (int i = 0; i < seen_count;) {
    if (seen[i].tick == tick_number) { observed += seen[i++].us; continue; }
    gone_us += seen[i].us;
    seen[i] = seen[--seen_count];
  }
  observed += gone_us;
  if (accounted > cpu_us) cpu_us = accounted;
  if (observed > cpu_us) cpu_us = observed;
  if (resident > memory_peak) memory_peak = resident;
  if (count > process_peak) process_peak = count;
  return busy;
}

static i64 written[2];

/* Passes on what the program wrote; returns 0 at its end, -1 where it wrote too much. */
static int pump(int from, int to, i64 limit, int endless) {
  char chunk[65536];
  ssize_t n = read(from, chunk, sizeof chunk);
  if (n < 0) return errno == EAGAIN || errno == EINTR ? 1 : 0;
  if (n == 0) return 0;
  i64 before = written[to - 1];
  written[to - 1] += n;
  ssize_t send = before >= limit ? 0 : before + n > limit ? limit - before : n;
  for (ssize_t done = 0; done < send;) {
    ssize_t w = write(to, chunk + done, send - done);
    if (w < 0 && errno == EINTR) continue;
    if (w < 0) return 0;
    done += w;
  }
  return !endless && written[to - 1] > limit ? -1 : 1;
}

static void send_fetched(void) {
  for (int i = 0; i < fetch_count; i++) {
    struct stat stats;
    int fd = open(fetched[i], O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &stats) || !S_ISREG(stats.st_mode) || stats.st_size > fetch_bytes[i]) {
      if (fd >= 0) close(fd);
      continue;
    }
    char head[64], chunk[65536];
    finish(head, snprintf(head, sizeof head, "file %d %lld\n", i, (i64)stats.st_size));
    i64 left = stats.st_size;
    while (left > 0) {
      ssize_t n = read(fd, chunk, left < (i64)sizeof chunk ? left : (i64)sizeof chunk);
      if (n <= 0) { memset(chunk, 0, sizeof chunk); n = left < (i64)sizeof chunk ? left : (i64)sizeof chunk; }
      finish(chunk, n);
      left -= n;
    }
    close(fd);
  }
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* the program, of the same user, may not look into us or write our memory */
  fcntl(CHANNEL, F_SETFD, FD_CLOEXEC);
  page_bytes = sysconf(_SC_PAGESIZE);
  clock_ticks = sysconf(_SC_CLK_TCK);
  read_plan();
  if (!arg_count) fail("the plan has no program");

  int out[2] = { -1, -1 }, err[2] = { -1, -1 }, fault[2];
  if (pipe2(fault, O_CLOEXEC) || pipe2(err, O_CLOEXEC) || (!piped && pipe2(out, O_CLOEXEC))) fail("pipe: %s", strerror(errno));
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, NULL);
  int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);

  i64 start = now_us(), last = start, idle_us = 0, passed = 0;
  int pid = fork();
  if (pid < 0) fail("fork: %s", strerror(errno));
  if (pid == 0) become_program(out[1], err[1], fault[1]);
  close(fault[1]);
  close(err[1]);
  if (!piped) close(out[1]);
  if (piped) { /* the program alone holds its ends, so that either side sees the other close */
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, 0);
    dup2(null, 1);
  }
  int code = 0;
  if (read(fault[0], &code, sizeof code) == sizeof code) fail("start %s: %s", args[0], strerror(code));

  const char *status = NULL;
  int ended = 0, wait_status = 0, out_open = !piped, err_open = 1, peer_gone = 0;
  struct rusage usage = { 0 };
  while (!ended && !status) {
    struct pollfd polled[4] = { { signals, POLLIN, 0 }, { CHANNEL, POLLRDHUP, 0 }, { err_open ? err[0] : -1, POLLIN, 0 }, { out_open ? out[0] : -1, POLLIN, 0 } };
    poll(polled, 4, tick_ms);
    if (polled[3].revents) {
      int state = pump(out[0], 1, output_limit, 0);
      if (state < 0) status = "output-limit";
      if (state == 0) out_open = 0;
    }
    if (polled[2].revents && !pump(err[0], 2, error_limit, 1)) err_open = 0;
    if (polled[1].revents) { status = "abandoned"; peer_gone = 1; }
    if (polled[0].revents) {
      struct signalfd_siginfo info;
      while (read(signals, &info, sizeof info) > 0) {}
      for (int child; (child = wait4(-1, &code, WNOHANG, &usage)) > 0;)
        if (child == pid) { ended = 1; wait_status = code; }
      if (ended) break;
    }
    i64 now = now_us();
    if (now - last >= tick_ms * 1000) {
      /* Who waits for us to take its output is not idle. */
      if (!look(pid) && passed == written[0] + written[1]) idle_us += now - last;
      passed = written[0] + written[1];
      last = now;
      if (memory_limit && memory_peak > memory_limit) status = "memory-limit";
      else if (cpu_limit_us && cpu_us > cpu_limit_us) status = "cpu-limit";
      else if (idle_limit_us && idle_us > idle_limit_us) status = "idle-limit";
      else if (wall_limit_us && now - start > wall_limit_us) status = "wall-limit";
    }
  }
  i64 wall_us = now_us() - start;
  kill(-1, SIGKILL); /* everything in the namespace but us */
  for (int child; (child = wait4(-1, &code, 0, &usage)) > 0 || errno == EINTR;)
    if (child == pid && !ended) { ended = 1; wait_status = code; }
  while (out_open && !peer_gone && !(status && !strcmp(status, "output-limit"))) {
    int state = pump(out[0], 1, output_limit, 0);
    if (state < 0) status = status ? status : "output-limit";
    if (state <= 0) break;
  }
  while (err_open && !peer_gone && pump(err[0], 2, error_limit, 1)) {}

  struct rusage total;
  getrusage(RUSAGE_CHILDREN, &total);
  i64 reaped_us = total.ru_utime.tv_sec * 1000000LL + total.ru_utime.tv_usec + total.ru_stime.tv_sec * 1000000LL + total.ru_stime.tv_usec;
  if (reaped_us > cpu_us) cpu_us = reaped_us;
  if (total.ru_maxrss * 1024LL > memory_peak) memory_peak = total.ru_maxrss * 1024LL;
  if (!status) {
    if (memory_limit && memory_peak > memory_limit) status = "memory-limit";
    else if (cpu_limit_us && cpu_us > cpu_limit_us) status = "cpu-limit";
    else status = WIFSIGNALED(wait_status) ? "signaled" : "exited";
  }
  send_fetched();
  char report[600];
  int size = snprintf(report, sizeof report,
    "report {\"status\":\"%s\",\"code\":%d,\"signal\":%d,\"cpuUs\":%lld,\"wallUs\":%lld,\"idleUs\":%lld,\"memoryBytes\":%lld,\"outputBytes\":%lld,\"errorBytes\":%lld,\"processPeak\":%d}\n",
    status, WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1, WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0,
    cpu_us, wall_us, idle_us, memory_peak, written[0], written[1], process_peak);
  finish(report, size);
  return 0;
}
`;
