// What the image and the compose file say, held against the repository: nothing here has Docker, so
// this is what can be known without it. Each variable must be a setting of the built backend.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DEPLOY = join(ROOT, "crates/backend/deploy");
const text = (...path) => readFileSync(join(...path), "utf8");
const dockerfile = text(DEPLOY, "Dockerfile");
const compose = parse(text(DEPLOY, "compose.yaml"), { merge: true });
const replicas = parse(text(DEPLOY, "compose.replicas.yaml"), { merge: true });

// One instruction a line.
const instructions = dockerfile
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n\s*/g, " ")
  .split("\n")
  .filter(Boolean)
  .map((line) => {
    const [, name, rest] = /^(\S+)\s+(.*)$/.exec(line);
    return { name, rest };
  });
const of = (name) => instructions.filter((one) => one.name === name).map((one) => one.rest);

function backend(args, env = {}) {
  const binary = process.env.GOLPO_BACKEND_BIN;
  assert.ok(binary && existsSync(binary), "GOLPO_BACKEND_BIN must name the backend's binary");
  return spawnSync(binary, args, { env, encoding: "utf8", timeout: 30_000 });
}

test("the image is built from what is there, with the toolchain that Cargo.toml asks for", () => {
  const [, wanted] = /rust-version = "([\d.]+)"/.exec(text(ROOT, "Cargo.toml"));
  const [builder, runtime] = of("FROM");
  assert.match(
    builder,
    new RegExp(`^rust:${wanted.replace(".", "\\.")}\\.\\d+-slim-bookworm AS build$`),
  );
  // Bookworm is Debian 12: the same C library.
  assert.equal(runtime, "debian:12-slim");
  const ignored = text(DEPLOY, "Dockerfile.dockerignore");
  for (const copy of of("COPY")) {
    const words = copy.split(/\s+/);
    if (words[0].startsWith("--from=build")) {
      assert.match(words[1], /^\/src\/target\/release\/golpo-backend$/);
      continue;
    }
    for (const source of words.slice(0, -1)) {
      assert.ok(existsSync(join(ROOT, source)), `${source} is not there`);
      assert.ok(ignored.includes(`!${source}\n`), `${source} is ignored`);
    }
  }
  const [build] = of("RUN").filter((line) => line.includes("cargo build"));
  assert.match(build, /--locked --release -p backend --bin golpo-backend/);
  assert.match(text(ROOT, "crates/backend/Cargo.toml"), /name = "golpo-backend"/);
});

test("the image runs as nobody, and asks itself whether it lives", () => {
  const [user] = of("USER");
  assert.match(user, /^[1-9]\d*:[1-9]\d*$/);
  assert.ok(dockerfile.includes(`--uid ${user.split(":")[0]} `));
  assert.deepEqual(JSON.parse(of("ENTRYPOINT")[0]), ["golpo-backend"]);
  const [, health] = /CMD (\[.*\])$/.exec(of("HEALTHCHECK")[0]);
  assert.equal(backend([...JSON.parse(health).slice(1), "--help"]).status, 0);
  const last = instructions.findIndex((one) => one.name === "USER");
  const after = instructions.slice(last).map((one) => one.name);
  assert.ok(!after.includes("RUN") && !after.includes("COPY"), "nothing is changed after USER");
  for (const pair of of("ENV").flatMap((line) => line.split(/\s+/))) {
    assert.ok(settings().has(pair.split("=")[0]), pair);
  }
});

/** The variables that the backend knows. */
function settings() {
  const { stdout } = backend(["config", "check"]);
  const names = Object.keys(JSON.parse(stdout).settings);
  return new Set(names.map((name) => `GOLPO_${name.toUpperCase()}`));
}

/** What a person is told to export. */
const GIVEN = {
  GOLPO_AUDIENCE: "ari:cloud:ecosystem::app/5f0c7e6e-3f0d-4a55-9d0b-6f1c2a7e9b41",
  GOLPO_PUBLIC_URL: "https://videos.example.com",
  GOLPO_OBJECTS: "s3://golpo-videos",
  GOLPO_OBJECTS_REGION: "eu-central-1",
  GOLPO_KMS_KEY_ID: "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd",
};

// A compose file whose HTTP service all settings of `serve` are for.
for (const [name, file, serving] of [
  ["compose.yaml", compose, "backend"],
  ["compose.replicas.yaml", replicas, "serve"],
]) {
  test(`${name} names settings that there are, and they are right together`, () => {
    const folder = mkdtempSync(join(tmpdir(), "golpo-packaging-"));
    try {
      const made = spawnSync(
        "openssl",
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"].concat(
          ["-subj", "/CN=localhost", "-keyout", join(folder, "tls_key")],
          ["-out", join(folder, "tls_certificate")],
        ),
      );
      assert.equal(made.status, 0, String(made.stderr));
      writeFileSync(join(folder, "master_key"), `${Buffer.alloc(32, 7).toString("base64")}\n`);
      const head = text(DEPLOY, name).split("\n\n")[0];
      const service = file.services[serving];
      const env = filled(service, head, folder);
      for (const secret of service.secrets) assert.ok(file.secrets[secret], secret);
      const used = Object.values(service.environment).filter((one) =>
        String(one).startsWith("/run/secrets/"),
      );
      assert.deepEqual(
        used.map((path) => path.split("/").pop()).sort(),
        [...service.secrets].sort(),
      );
      const { stdout, status } = backend(["config", "check"], env);
      const answer = JSON.parse(stdout);
      assert.deepEqual(answer.problems, []);
      assert.equal(status, 0);
      assert.equal(answer.settings.listen.source, "environment");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

/** A service's variables with what a person exports; each must be a setting, or AWS's own. */
function filled(service, head, folder) {
  const known = settings();
  const env = {};
  for (const [variable, value] of Object.entries(service.environment)) {
    if (variable.startsWith("AWS_")) {
      assert.equal(value, null, `${variable} is passed on`);
      continue;
    }
    assert.ok(known.has(variable), variable);
    const whole = String(value).replace(/\$\{(\w+):\?\}/g, (_, wanted) => {
      assert.ok(GIVEN[wanted] && head.includes(`export ${wanted}=`), `${wanted} is not told of`);
      return GIVEN[wanted];
    });
    env[variable] = whole.replace("/run/secrets", folder);
  }
  return env;
}

test("replicas share database, bucket and key, and the owner of the tables serves nobody", () => {
  const { database, migrate, serve, worker } = replicas.services;
  const head = text(DEPLOY, "compose.replicas.yaml").split("\n\n")[0];
  const working = filled(worker, head, "");
  assert.ok(Object.keys(working).length > 4);
  for (const [variable, value] of Object.entries(working)) {
    assert.equal(filled(serve, head, "")[variable], value, variable);
  }
  const [url, owner] = [working, filled(migrate, head, "")].map((env) => env.GOLPO_DATABASE_URL);
  const role = (text) => new URL(text).username;
  const roles = replicas.configs.roles.content;
  assert.notEqual(role(url), role(owner));
  assert.ok(roles.includes(`CREATE DATABASE golpo OWNER ${role(owner)};`));
  assert.ok(roles.includes(`GRANT golpo_service TO ${role(url)};`));
  // The database has no network, and its socket is where all look for it.
  assert.equal(database.network_mode, "none");
  const socket = new URL(url).searchParams.get("host");
  for (const service of Object.values(replicas.services)) {
    assert.ok(service.volumes.includes(`golpo-socket:${socket}`));
  }
  for (const service of [migrate, serve, worker]) {
    assert.equal(service.read_only, true);
    assert.deepEqual(service.cap_drop, ["ALL"]);
    assert.equal(backend([...service.command, "--help"]).status, 0);
  }
});

test("the compose file's service has no more rights than it needs", () => {
  const service = compose.services.backend;
  for (const volume of service.volumes) assert.ok(volume.split(":")[0] in compose.volumes, volume);
  // What the image keeps is what the volume keeps.
  assert.ok(of("VOLUME").includes(service.volumes[0].split(":")[1]));
  assert.equal(service.read_only, true);
  assert.deepEqual(service.cap_drop, ["ALL"]);
  assert.equal(resolve(DEPLOY, service.build.context), resolve(ROOT));
  assert.ok(existsSync(join(ROOT, service.build.dockerfile)));
  assert.equal(backend([...service.command, "--help"]).status, 0);
  assert.ok(service.environment.GOLPO_LISTEN.endsWith(`:${service.ports[0].split(":")[1]}`));
});
