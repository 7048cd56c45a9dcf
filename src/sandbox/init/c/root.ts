/** The file system, where `unshare` made the namespaces and left it to us: a root in memory, the host's folders shown in it. */
export const rootC = `/* ---- the file system, where unshare left it to us ---- */
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

`;
