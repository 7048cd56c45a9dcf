/** Looks around from inside a sandbox: is everything shut that must be? */
import type { SandboxMeans } from "./probe.ts";
import { startConfined } from "./start.ts";

/** What it prints: its own status, the network's devices, what the root holds. No compiler or interpreter needed. */
const script =
  "cat /proc/self/status; echo -; cat /proc/net/dev; echo -; echo /*; echo -; touch /usr/x /x; echo > /box/x";

/** @returns what is wrong, or undefined */
export async function inspectInside(means: SandboxMeans): Promise<string | undefined> {
  try {
    const { outcome } = await startConfined(
      means,
      { command: ["/bin/sh", "-c", script], limits: { cpuMs: 5000 } },
      false,
    );
    const { stdout, stderr, exitCode } = await outcome;
    if (exitCode !== 0) return `a shell ended with code ${exitCode}: ${stderr.toString().trim().split("\n")[0]}`;
    return faultIn(stdout.toString(), stderr.toString(), means.hasProc);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Checks what the shell saw; kept apart for tests. */
export function faultIn(seen: string, complaints: string, hasProc: boolean): string | undefined {
  const [status = "", devices = "", root = ""] = seen.split("\n-\n");
  if (!/\/box\b/.test(root)) return "the working folder is missing";
  const strangers = root
    .trim()
    .split(" ")
    .filter((path) => !expectedRoot.test(path));
  if (strangers.length > 0) return `the host's ${strangers.join(", ")} can be seen`;
  if (complaints.match(/Read-only file system/g)?.length !== 2) return "the system's folders can be written to";
  if (!hasProc) return undefined; // what follows is read from /proc
  const value = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1];
  if (value("Seccomp") !== "2") return "no seccomp filter is loaded";
  if (value("NoNewPrivs") !== "1") return "new privileges can be gained";
  if (!/^0+$/.test(value("CapEff") ?? "x")) return `capabilities are left: ${value("CapEff")}`;
  if (!/^0+$/.test(value("CapBnd") ?? "x") && !/^0+$/.test(value("CapPrm") ?? "x")) return "capabilities can be gained";
  const networks = [...devices.matchAll(/^\s*([\w.-]+):/gm)].map(([, name]) => name).filter((name) => name !== "lo");
  // Kernels with tunnels built in put an unused one into every network namespace.
  const live = networks.filter((name) => !/^(tunl|gre|gretap|erspan|sit|ip6tnl|ip6gre|ip_vti|ip6_vti)\d/.test(name!));
  return live.length > 0 ? `the network device ${live.join(", ")} can be seen` : undefined;
}

const expectedRoot = /^\/(bin|box|dev|etc|lib\d*|libx32|proc|sbin|tmp|usr|var)$/;
