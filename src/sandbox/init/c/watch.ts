/** The look at the process tree (time, memory, who is busy), the pump of its output, and the files that are sent back. */
export const watchC = String.raw`static i64 now_us(void) {
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

`;
