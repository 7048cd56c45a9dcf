/** Programs beside us: browser, compilers, sandbox, database, media. */
import { probeSandbox } from "../../sandbox/index.ts";
import { type Discovery, examine, type Finding, firstLine, versionIn } from "./finding.ts";

export function examinePrograms(): Promise<Finding[]> {
  const program = (name: string, enables: string, get: string, probe: () => Promise<Discovery>) =>
    examine({ section: "Programs", name, enables, get }, probe);
  return Promise.all([
    program("browser", "driving web pages", "apt install chromium, or npx playwright install chromium", browser),
    program(
      "compilers",
      "building and running programs in their language",
      "apt install build-essential python3 default-jdk",
      compilers,
    ),
    program(
      "sandbox",
      "running programs nobody has read",
      "apt install bubblewrap, or sysctl -w user.max_user_namespaces=10000",
      sandbox,
    ),
    program("database", "jobs shared by many machines (POLYMATH_DATABASE_URL)", "apt install postgresql", database),
    program("ffmpeg", "rare video and audio formats", "apt install ffmpeg", ffmpeg),
  ]);
}

const macChrome = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

async function browser(): Promise<Discovery> {
  for (const name of ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", macChrome]) {
    const line = await firstLine(name, "--version");
    if (line) return { ok: true, found: line };
  }
  return { ok: false, found: "no Chromium or Chrome" };
}

const languages = [
  ["gcc", "--version"],
  ["g++", "--version"],
  ["python3", "--version"],
  ["java", "-version"],
  ["javac", "-version"],
  ["rustc", "--version"],
  ["go", "version"],
] as const;

async function compilers(): Promise<Discovery> {
  const lines = await Promise.all(languages.map(([name, flag]) => firstLine(name, flag)));
  const found = languages.flatMap(([name], index) => (lines[index] ? [`${name} ${versionIn(lines[index])}`] : []));
  return { ok: found.length > 0, found: found.join(", ") || "none" };
}

async function sandbox(): Promise<Discovery> {
  if (process.platform !== "linux")
    return { ok: false, found: "needs Linux", get: "a Linux machine, container or WSL" };
  const { report } = await probeSandbox();
  const [first] = report.missing;
  if (!report.ok) return { ok: false, found: first!.what, get: first!.mend };
  const groups = report.level === "B" ? "" : `; no control groups (${first?.mend ?? "switched off"})`;
  return { ok: true, found: `level ${report.level}: ${report.description}, seccomp${groups}` };
}

async function database(): Promise<Discovery> {
  const [server, client] = await Promise.all([firstLine("postgres", "--version"), firstLine("psql", "--version")]);
  const found = [server && `PostgreSQL server ${versionIn(server)}`, client && `psql ${versionIn(client)}`].filter(
    Boolean,
  );
  if (process.env.POLYMATH_DATABASE_URL) found.push("POLYMATH_DATABASE_URL is set");
  return { ok: found.length > 0, found: found.join(", ") || "no PostgreSQL" };
}

async function ffmpeg(): Promise<Discovery> {
  const line = await firstLine("ffmpeg", "-version");
  return line ? { ok: true, found: versionIn(line) } : { ok: false, found: "not installed" };
}
