/** The imports in `src`, and the rules for them. Used by `test/architecture.test.ts` and `npm run metrics`. */
import { posix } from "node:path";

export function importsOf(source) {
  const pattern =
    /^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;
  return [...source.matchAll(pattern)].map((match) => ({
    specifier: match[2] ?? match[3] ?? match[4],
    isType: match[1] !== undefined,
  }));
}

/** The layers, from the lowest. A file may import from lower layers, and from its own layer as `mayImport` allows. */
const ground = 0;
const ports = 1;
const engine = 2;
const surface = 3;
const adapters = 4;
const top = 5;

const portFolders = ["tokens", "stores", "queues", "connections", "delivery", "validators"];
const implementers = ["tokens", "stores", "queues", "connections", "ports.ts"];
const engineFiles = ["password-reset.ts", "index.ts"];

function floorOf(file) {
  const [folder] = file.split("/");
  // The combination suite drives the engine; the other suites use only the ports.
  if (/^testing\/(combination\/|index\.ts)/.test(file)) return engine + 0.5;
  if (folder === "testing") return ground + 0.5;
  if (folder === "cli") return top;
  if (folder === "adapters") return adapters;
  if (["http", "pages", "telemetry", "react", "dev"].includes(folder)) return surface;
  if (folder === "engine" || engineFiles.includes(file)) return engine;
  // The ready-made `users` use connections.
  if (folder === "users") return ports + 0.5;
  if (portFolders.includes(folder)) return ports;
  return ground;
}

function mayImport(from, to) {
  // Apps that don't use the HTML pages must not load them. What both need is in `html/`.
  if (portOf(from) === "http" && portOf(to) === "pages") return false;
  // Implementations of a port depend on the ports only, not on the application-facing types.
  if (to === "types.ts" && implementers.includes(portOf(from))) return false;
  if (floorOf(to) !== floorOf(from)) return floorOf(to) < floorOf(from);
  // Ports don't import each other. A folder below a port belongs to it.
  return floorOf(from) !== ports || portOf(from) === portOf(to);
}

/** The folder below `src`. A file directly in `src` counts as its own. */
function portOf(file) {
  return file.split("/")[0];
}

/** Every import that breaks the rules, as `from → to`. */
export function wrongImports(sources) {
  const wrong = [];
  for (const [file, source] of sources) {
    for (const { specifier } of importsOf(source)) {
      if (!specifier.startsWith(".")) continue;
      const target = posix.normalize(posix.join(posix.dirname(file), specifier)).replace(/\.js$/, ".ts");
      if (!mayImport(file, target)) wrong.push(`${file} → ${target}`);
    }
  }
  return wrong;
}

/** Cycles of files that import each other, directly or indirectly, including type imports. Each cycle is listed once. */
export function circles(sources) {
  const targets = (file) =>
    importsOf(sources.get(file))
      .map(({ specifier }) => posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".ts"))
      .filter((target) => sources.has(target));
  const order = new Map();
  const lowest = new Map();
  const path = [];
  const found = [];
  const visit = (file) => {
    order.set(file, order.size);
    lowest.set(file, order.get(file));
    path.push(file);
    for (const target of targets(file)) {
      if (!order.has(target)) visit(target);
      if (path.includes(target)) lowest.set(file, Math.min(lowest.get(file), lowest.get(target)));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = path.splice(path.indexOf(file));
    if (circle.length > 1) found.push(circle.sort());
  };
  for (const file of sources.keys()) if (!order.has(file)) visit(file);
  return found;
}

/** The only file that may import each optional peer dependency. */
const peers = {
  "adapters/nestjs.ts": "@nestjs/common",
  "telemetry/otel.ts": "@opentelemetry/api",
  "telemetry/prometheus.ts": "prom-client",
  "react/hooks.ts": "react",
};

/** Imports from outside the library, which has no dependencies. */
export function foreignImports(sources) {
  const mayUseNode = (file) => /^(cli|testing)\//.test(file) || file === "crypto/node.ts";
  const foreign = [];
  for (const [file, source] of sources) {
    for (const { specifier, isType } of importsOf(source)) {
      if (specifier.startsWith(".") || specifier === "#crypto") continue;
      if (specifier.startsWith("node:") && (mayUseNode(file) || (isType && file.startsWith("adapters/"))))
        continue;
      if (peers[file] === specifier) continue;
      // These are bundled into the package. NOTICE has their licenses.
      if (file === "cli/init/prompts.ts" && specifier === "@clack/prompts") continue;
      if (file === "validators/strength.ts" && specifier.startsWith("@zxcvbn-ts/")) continue;
      foreign.push(`${file} → ${specifier}`);
    }
  }
  return foreign;
}
