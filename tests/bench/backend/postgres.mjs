// A PostgreSQL of this bench's own, with the durability that it has by default.

import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// PostgreSQL refuses to run as root.
const asRoot = process.getuid?.() === 0;
const user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];
const wrapped = (program, args) => ["setpriv", ...(asRoot ? user : []), "--", program, ...args];

export async function start(programs) {
  const folder = mkdtempSync(join(tmpdir(), "golpo-bench-"));
  if (asRoot) execFileSync("chown", ["postgres", folder]);
  const data = join(folder, "data");
  const run = (program, args, options = {}) => {
    const [first, ...rest] = wrapped(join(programs, program), args);
    return execFileSync(first, rest, { cwd: folder, encoding: "utf8", ...options });
  };
  run("initdb", ["-D", data, "--auth=trust", "--username=postgres", "--encoding=UTF8"]);
  const [first, ...rest] = wrapped(
    join(programs, "postgres"),
    ["-D", data, "-k", folder].concat([
      ...["-c", "listen_addresses="],
      ...["-c", "max_connections=200"],
      ...["-c", "shared_buffers=256MB"],
    ]),
  );
  const server = spawn(first, rest, { cwd: folder, stdio: "ignore" });
  const sql = (text, database = "golpo") =>
    run(
      "psql",
      ["-h", folder, "-U", "postgres", "-d", database, "-XqAt", "-v", "ON_ERROR_STOP=1"],
      {
        input: text,
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
  for (let tries = 0; ; tries += 1) {
    try {
      sql("SELECT 1", "postgres");
      break;
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  sql("CREATE ROLE owner LOGIN CREATEROLE; CREATE ROLE service LOGIN;", "postgres");
  sql("CREATE DATABASE golpo OWNER owner", "postgres");
  return {
    sql,
    url: (role) => `postgres://${role}@localhost/golpo?host=${folder}`,
    // node-postgres takes the folder of the socket as the host.
    peerUrl: `postgres://postgres@${encodeURIComponent(folder)}/golpo`,
    stop: async () => {
      server.kill("SIGINT");
      await new Promise((done) => server.once("exit", done));
      rmSync(folder, { recursive: true });
    },
  };
}
