/** Reads the plan, record by record; files and mounts are made as their record comes. */
export const readPlanC = String.raw`static void read_plan(void) {
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

`;
