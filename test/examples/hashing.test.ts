import { verify } from "@node-rs/argon2";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../package/packed.js";
import { makeProject, type App, type Project } from "../project.js";

/** Answers with a hash, and with the priorities that the process's threads then have. */
const server = `
import { createServer } from "node:http";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { hashPassword } from "./passwords.js";

const niceness = (thread: string) =>
  Number(readFileSync("/proc/self/task/" + thread + "/stat", "utf8").split(") ")[1]!.split(" ")[16]);

/** The threads that are seen while work goes on; one may end between its being listed and looked at. */
async function threadsDuring(work: Promise<unknown>) {
  const seen = new Map<string, number>();
  let isOver = false;
  void work.finally(() => (isOver = true));
  while (!isOver) {
    for (const thread of readdirSync("/proc/self/task")) {
      try {
        seen.set(thread, niceness(thread));
      } catch {}
    }
    await setTimeout(1);
  }
  return [...seen].map(([thread, nice]) => [Number(thread) === process.pid, nice]);
}

createServer(async (_, response) => {
  const hashing = Promise.all([hashPassword("one of the passwords"), hashPassword("another one")]);
  const threads = await threadsDuring(hashing);
  response.end(JSON.stringify({ hashes: await hashing, threads }));
}).listen(Number(process.env.PORT), "127.0.0.1");
`;

const config = {
  compilerOptions: {
    ...{ module: "nodenext", target: "esnext", outDir: "dist", rootDir: "src", types: ["node"] },
    ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, skipLibCheck: true },
  },
};

async function filesOfThePage(): Promise<Record<string, string>> {
  const page = await readFile(join(root, "docs/hashing.md"), "utf8");
  const blocks = [...page.matchAll(/```ts file=(\S+)\n([\s\S]*?)```/g)];
  return Object.fromEntries(blocks.map(([, name, code]) => [`src/${name!}`, code!]));
}

describe("the lines of docs/hashing.md", () => {
  let project: Project;
  let app: App;
  beforeAll(async () => {
    const files = {
      ...(await filesOfThePage()),
      "src/server.ts": server,
      "package.json": `{ "type": "module" }`,
      "tsconfig.json": JSON.stringify(config),
    };
    project = await makeProject(files, ["piscina", "@napi-rs", "@node-rs"]);
    expect(await project.compile()).toBe("");
    app = await project.start("dist/server.js", {});
  });
  afterAll(() => project.remove());

  it("hash, in threads that give way to the one that answers", async () => {
    const answer = await fetch(app.url);
    const { hashes, threads } = (await answer.json()) as { hashes: string[]; threads: [boolean, number][] };
    expect(await verify(hashes[0]!, "one of the passwords")).toBe(true);
    expect(await verify(hashes[1]!, "another one")).toBe(true);
    expect(hashes[0]).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
    const own = threads.filter(([isMain]) => isMain).map(([, nice]) => nice);
    const lowered = threads.filter(([, nice]) => nice === own[0]! + 10);
    expect(own).toHaveLength(1);
    expect(lowered.length).toBeGreaterThan(0);
  });
});
