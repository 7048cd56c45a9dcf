/**
 * System calls that a judged program has no business with, and their numbers.
 * Source: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux; numbers above 423 are
 * the same on both. A call that an architecture lacks has no entry there.
 */
export type Architecture = "x64" | "arm64";

/** AUDIT_ARCH_* of linux/audit.h. */
export const auditArch: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** [x86_64, aarch64]; null: no such call there. */
type Numbers = readonly [x64: number | null, arm64: number | null];

/** Refused with EPERM: a harmless library may try them, and goes on without. */
export const refusedCalls: Readonly<Record<string, Numbers>> = {
  // network
  socket: [41, 198],
  // other processes: their memory, their files, their control
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  process_madvise: [440, 440],
  // keys, programs in the kernel, counters, asynchronous calls that no filter sees
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  userfaultfd: [323, 282],
  // memory that no resident set shows
  memfd_create: [319, 279],
  memfd_secret: [447, 447],
  shmget: [29, 194],
  msgget: [68, 186],
  semget: [64, 190],
  // namespaces and mounts
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  open_by_handle_at: [304, 265],
  name_to_handle_at: [303, 264],
  fanotify_init: [300, 262],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  // what concerns the whole machine or other users
  syslog: [103, 116],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  clock_settime: [227, 112],
  settimeofday: [164, 170],
  vhangup: [153, 58],
  lookup_dcookie: [212, 18],
  personality: [135, 92],
  nfsservctl: [180, 42],
  mknod: [133, null],
  mknodat: [259, 33],
  migrate_pages: [256, 238],
  move_pages: [279, 239],
  mbind: [237, 235],
  set_mempolicy: [238, 237],
};

/** Ends the program with SIGSYS: nothing but an attack calls them. */
export const fatalCalls: Readonly<Record<string, Numbers>> = {
  reboot: [169, 142],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  iopl: [172, null],
  ioperm: [173, null],
  modify_ldt: [154, null],
};

/** Calls whose arguments decide. */
export const cloneCall: Numbers = [56, 220];
export const clone3Call: Numbers = [435, 435];
export const ioctlCall: Numbers = [16, 29];

/** CLONE_NEW*: namespaces in which a program would be root. */
export const newNamespaceFlags = 0x7e020080;
/** TIOCSTI and TIOCLINUX put words into a terminal's mouth. */
export const terminalRequests = [0x5412, 0x541c];

export function numberOf([x64, arm64]: Numbers, architecture: Architecture): number | null {
  return architecture === "x64" ? x64 : arm64;
}
