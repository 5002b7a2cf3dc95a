import { build } from "esbuild";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Which of a package's files a bundle takes: as wrangler asks for them, which is without Node's. */
export const workers: readonly string[] = ["workerd", "worker", "browser"];

export interface Worker {
  /** The file that exports the Worker. */
  readonly entry: string;
  readonly conditions?: readonly string[];
  /** Texts of its `env`, beside `DB`, which is D1. */
  readonly texts: Readonly<Record<string, string>>;
  /** Where D1's own wire can be spoken to, past the Worker. */
  readonly d1Port?: number;
}

/** Bundles a Worker as wrangler does, writes what workerd is started with, and gives that file. */
export async function workerdConfig(folder: string, port: number, worker: Worker): Promise<string> {
  await build({
    entryPoints: [worker.entry],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    mainFields: ["browser", "module", "main"],
    conditions: [...(worker.conditions ?? workers)],
    external: ["node:*", "cloudflare:*"],
    logLevel: "error",
  });
  await build({
    entryPoints: [fileURLToPath(new URL("d1-double.mjs", import.meta.url))],
    outfile: join(folder, "d1.js"),
    format: "esm",
  });
  await mkdir(join(folder, "disk"), { recursive: true });
  const config = join(folder, "config.capnp");
  await writeFile(config, configOf(folder, port, worker));
  return config;
}

function configOf(folder: string, port: number, { texts, d1Port }: Worker): string {
  const sockets = Object.entries({ main: port, d1: d1Port })
    .filter(([, one]) => one !== undefined)
    .map(([name, one]) => `(name = "${name}", address = "127.0.0.1:${one}", http = (), service = "${name}")`);
  const bindings = Object.entries(texts).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      bindings = [
        ${bindings.join(",\n        ")},
        (name = "DB", wrapped = (
          moduleName = "cloudflare-internal:d1-api",
          innerBindings = [(name = "fetcher", service = "d1")],
        )),
      ],
      compatibilityDate = "2026-09-01",
    )),
    (name = "d1", worker = (
      modules = [(name = "d1.js", esModule = embed "d1.js")],
      bindings = [(name = "SQLITE", durableObjectNamespace = "Sqlite")],
      durableObjectNamespaces = [(className = "Sqlite", uniqueKey = "d1", enableSql = true)],
      durableObjectStorage = (localDisk = "disk"),
      compatibilityDate = "2026-09-01",
    )),
    (name = "disk", disk = (path = ${JSON.stringify(join(folder, "disk"))}, writable = true)),
    # A Worker reaches private addresses only where it is told so.
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [
    ${sockets.join(",\n    ")},
  ],
);
`;
}
