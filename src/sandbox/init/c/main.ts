/** From the plan to the report: starts the program, watches it, ends it, and says what became of it. */
export const mainC = String.raw`int main(void) {
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
