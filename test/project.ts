/** A project as somebody else has it: made of files, with the packed package installed, compiled and started. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { installInto, root } from "./package/packed.js";
import { run } from "./servers/debian.js";
import { freePort } from "./servers/shared.js";

export interface Project {
  readonly folder: string;
  /** Runs `tsc` as the project's tsconfig.json says; gives what it says, which is nothing where all is well. */
  compile(): Promise<string>;
  /** Starts a program that listens on `PORT`; resolves once it answers. */
  start(file: string, environment: Readonly<Record<string, string>>): Promise<App>;
  /** Ends what it started, and removes it. */
  remove(): Promise<void>;
}

export interface App {
  readonly url: string;
  /** Posts JSON. */
  post(path: string, body: object): Promise<Response>;
  /** All that it printed. */
  output(): string;
}

/** `packages` are dependencies of ours, which are linked. */
export async function makeProject(
  files: Readonly<Record<string, string>>,
  packages: readonly string[],
): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), "resetkit-project-"));
  await installInto(folder, "@types", ...packages);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const children: ChildProcess[] = [];
  return {
    folder,
    compile: () =>
      run(process.execPath, [join(root, "node_modules/typescript/lib/tsc.js"), "-p", "."], {
        cwd: folder,
      }).then(
        () => "",
        ({ stdout, stderr }) => stdout + stderr,
      ),
    async start(file, environment) {
      const { PATH = "", HOME = "" } = process.env;
      const port = await freePort();
      const env = { PATH, HOME, PORT: String(port), ...environment };
      const child = spawn(process.execPath, [file], { cwd: folder, env });
      children.push(child);
      return answering(child, `http://127.0.0.1:${port}`);
    },
    async remove() {
      for (const child of children) child.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The program of a process that was just started, once it answers; `patience` in milliseconds. */
export async function answering(child: ChildProcess, url: string, patience = 20_000): Promise<App> {
  let output = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  }
  const end = Date.now() + patience;
  while (Date.now() < end && child.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer) {
      const headers = { "content-type": "application/json" };
      const post = (path: string, body: object) =>
        fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
      return { url, post, output: () => output };
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The program does not answer at ${url}. It printed: ${output.slice(-2_000)}`);
}
