/** The parts of the sandbox that need no sandbox: limits, plan, answer, groups, the look inside, isolate's keys. */
import { expect, suite, test } from "vitest";
import { locateCgroups } from "./cgroup/cgroup.ts";
import { describeMissing } from "./errors.ts";
import { Plan, readAnswer } from "./init/plan.ts";
import { faultIn } from "./inspect-inside.ts";
import { bubblewrapArguments } from "./launch/bubblewrap.ts";
import { planFileSystem } from "./launch/unshare.ts";
import { completeLimits, rlimitsOf } from "./limits.ts";
import { type Outcome, toIsolateMeta } from "./outcome.ts";

suite("limits", () => {
  test("idle and wall time follow the CPU limit: 2 x + 1 s, and 10 x + 10 s", () => {
    expect(completeLimits({ cpuMs: 500 })).toMatchObject({ idleMs: 2000, wallMs: 15_000 });
  });
  test("whole seconds of CPU lie above the limit; no core dumps; null is unlimited", () => {
    const rlimits = new Map(rlimitsOf(completeLimits({ cpuMs: 1001 })).map(([name, ...values]) => [name, values]));
    expect([rlimits.get(0), rlimits.get(4), rlimits.get(9)]).toEqual([
      [3, 4],
      [0, 0],
      [-1, -1],
    ]);
  });
});

suite("plan", () => {
  test("records are a line and their bytes, counted in UTF-8", () => {
    const bytes = new Plan()
      .add("file", "/box/é", 0o644)
      .add("data", Buffer.from([0, 10]))
      .add("run")
      .bytes();
    expect(bytes.toString("latin1")).toBe(
      `file 420 0 7\n/box/${Buffer.from("é").toString("latin1")}data 0 0 2\n\0\nrun 0 0 0\n`,
    );
  });
  test("the answer holds files, then the report; one that breaks off is none", () => {
    const answer = Buffer.from('file 1 3\na\nbreport {"status":"exited","code":4}\n');
    const read = readAnswer(answer, ["x", "y"])!;
    expect([read.report.code, read.files.get("y")?.toString()]).toEqual([4, "a\nb"]);
    expect(readAnswer(answer.subarray(0, 20), ["x", "y"])).toBeUndefined();
  });
});

suite("launchers", () => {
  const layout = { shown: ["/usr", "/etc/ld.so.cache"], links: [["/bin", "usr/bin"] as [string, string]] };
  const init = { kind: "c" as const, command: ["/cache/init"] };
  const options = { layout, readOnly: ["/opt/tool", "/usr/lib/x"], boxBytes: 1000, hasProc: true, init };

  test("bubblewrap shares no namespace, shows folders read-only and limits what can be written", () => {
    const line = bubblewrapArguments(options).join(" ");
    for (const kind of ["user", "pid", "net", "ipc", "uts"]) expect(line).toContain(`--unshare-${kind}`);
    expect(line).toContain("--ro-bind /usr /usr");
    expect(line).toContain("--ro-bind /opt/tool /opt/tool");
    expect(line).not.toContain("/usr/lib/x"); // /usr shows it
    expect(line).not.toMatch(/--bind /);
    expect(line).toContain("--size 1000 --tmpfs /box");
    expect(line).toMatch(/--die-with-parent.* -- \/cache\/init$/);
  });
  test("after unshare the plan builds the same", () => {
    const plan = new Plan();
    planFileSystem(options, plan);
    const text = plan.bytes().toString();
    expect(text).toMatch(/^root 0 0 0\ntmpfs 1000 0 4\n\/boxtmpfs 1000 0 4\n\/tmpshow 0 0 4\n\/usr/);
    expect(text).toContain("link 4 0 11\n/binusr/bin");
    expect(text).toContain("show 0 0 9\n/opt/tool");
    expect(text.endsWith("enter 0 0 0\n")).toBe(true);
  });
});

suite("control groups", () => {
  const exists = () => true;
  test("version 1: memory and pids, each below our own group", () => {
    const mountinfo = [
      "30 1 0:1 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
      "31 1 0:2 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids",
    ].join("\n");
    expect(locateCgroups({ mountinfo, own: "4:memory:/job/7\n8:pids:/\n0::/" }, exists)).toEqual({
      version: 1,
      parents: { memory: "/sys/fs/cgroup/memory/job/7", pids: "/sys/fs/cgroup/pids" },
    });
  });
  test("version 2; a group of the host's that means nothing here is the mount itself", () => {
    const files = { mountinfo: "30 1 0:1 / /sys/fs/cgroup rw - cgroup2 none rw", own: "0::/system.slice/x" };
    expect(locateCgroups(files, exists)?.parents.memory).toBe("/sys/fs/cgroup/system.slice/x");
    expect(locateCgroups(files, () => false)?.parents.memory).toBe("/sys/fs/cgroup");
  });
  test("none", () => expect(locateCgroups({ mountinfo: "", own: "" })).toBeUndefined());
});

suite("the look inside", () => {
  const status = "Name: cat\nCapPrm:\t0000\nCapEff:\t0000\nCapBnd:\t0000\nNoNewPrivs:\t1\nSeccomp:\t2";
  const seen = (changes: { status?: string; devices?: string; root?: string } = {}) =>
    [changes.status ?? status, changes.devices ?? "head\n lo: 0", changes.root ?? "/bin /box /usr"].join("\n-\n");
  const refused = "touch: Read-only file system\ntouch: Read-only file system\n";

  test("all shut", () => expect(faultIn(seen(), refused, true)).toBeUndefined());
  test.each([
    ["a folder of the host's", seen({ root: "/bin /box /home" }), refused, "the host's /home can be seen"],
    ["a network", seen({ devices: "head\n lo: 0\n eth0: 0" }), refused, "the network device eth0 can be seen"],
    [
      "no filter",
      seen({ status: status.replace("Seccomp:\t2", "Seccomp:\t0") }),
      refused,
      "no seccomp filter is loaded",
    ],
    [
      "capabilities",
      seen({ status: status.replace("CapEff:\t0000", "CapEff:\t0400") }),
      refused,
      "capabilities are left: 0400",
    ],
    [
      "new privileges",
      seen({ status: status.replace("NoNewPrivs:\t1", "NoNewPrivs:\t0") }),
      refused,
      "new privileges can be gained",
    ],
    ["writable folders", seen(), "", "the system's folders can be written to"],
  ])("%s", (_, text, complaints, fault) => expect(faultIn(text, complaints, true)).toBe(fault));
});

suite("outcomes in isolate's keys", () => {
  const outcome: Outcome = {
    status: "exited", exitCode: 0, signal: null, cpuMs: 12.3, wallMs: 45, idleMs: 0, memoryBytes: 2048, cgroupMemoryBytes: null,
    stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), outputBytes: 0, processPeak: 1, files: new Map(),
  }; // biome-ignore format: a row of fields
  test.each<[Partial<Outcome>, Record<string, string>]>([
    [{}, { time: "0.012", "time-wall": "0.045", "max-rss": "2" }],
    [{ exitCode: 3 }, { status: "RE", exitcode: "3" }],
    [
      { status: "signaled", signal: "SIGSEGV", exitCode: null },
      { status: "SG", exitsig: "11" },
    ],
    [{ status: "cpu-limit" }, { status: "TO", killed: "1", message: "Time limit exceeded" }],
    [{ status: "idle-limit" }, { status: "TO", message: "Time limit exceeded (idle)" }],
    [
      { status: "memory-limit", cgroupMemoryBytes: 4096 },
      { status: "SG", "cg-mem": "4" },
    ],
  ])("%o", (change, expected) => expect(toIsolateMeta({ ...outcome, ...change })).toMatchObject(expected));
});

test("a missing sandbox names the setting", () => {
  const missing = [
    {
      what: "user namespaces are off (user.max_user_namespaces = 0)",
      mend: "sysctl -w user.max_user_namespaces=10000",
    },
  ];
  const [message, { hint }] = describeMissing({ missing } as never);
  expect(message).toBe("Cannot run programs safely: user namespaces are off (user.max_user_namespaces = 0)");
  expect(hint).toContain("sysctl");
});
