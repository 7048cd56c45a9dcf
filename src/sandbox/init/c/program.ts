/** The child: streams, core, limits, no privileges, the filter, and then the program itself. */
export const programC = `/* ---- the program ---- */
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

`;
