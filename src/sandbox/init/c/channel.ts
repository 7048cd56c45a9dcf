/** What all parts share: the plan as it was read, the channel it comes by, and how a setup fails. */
export const channelC = String.raw`
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

`;
