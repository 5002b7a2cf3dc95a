/**
 * Writes docs/reference/ from the public types and their docstrings: `npm run docs:reference`. TypeDoc is installed in
 * `site/`, so that `npm ci` of the package doesn't install it.
 *
 * docs/reference/README.md has a hash of the public types, which test/docs/reference.test.ts compares. Comments don't count:
 * a corrected docstring doesn't fail the test, and reaches the reference with the next run.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { entriesOf } from "./entries.mjs";
import { installTools } from "./site.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "docs/reference");

/** A hash of the entries' declarations and of all that they import, without comments and white space. */
export function publicHash(folder = root) {
  const files = new Set();
  const add = (file) => {
    if (files.has(file) || !existsSync(file)) return;
    files.add(file);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(/from "(\.[^"]+)\.js"/g)) {
      add(join(dirname(file), `${specifier}.d.ts`));
    }
  };
  for (const entry of entriesOf(folder).values()) add(join(folder, entry.replace(/\.js$/, ".d.ts")));
  const hash = createHash("sha256");
  for (const file of [...files].sort()) {
    const bare = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    hash.update(file.slice(folder.length)).update(bare.replace(/\s+/g, " "));
  }
  return hash.digest("hex").slice(0, 32);
}

/** The hash in the written reference. */
export function writtenHash() {
  return /<!-- public types: (\w+) -->/.exec(readFileSync(join(target, "README.md"), "utf8"))?.[1];
}

/** The sections of the page, in order, and the entries that belong to them. */
const groups = [
  ["The engine", /^resetkit(\/(types|errors|sessions))?$/],
  ["Accounts", /\/users\//],
  ["Tokens", /\/tokens\//],
  ["Stores", /\/stores\//],
  ["Connections", /\/connections\//],
  ["Queues", /\/queues\//],
  ["Delivery", /\/delivery\//],
  ["HTTP and pages", /\/(http|client|react|html|pages)(\/|$)/],
  ["Frameworks", /\/adapters\//],
  ["Password rules", /\/validators\//],
  ["Languages", /\/locales\//],
  ["Monitoring", /\/(otel|prometheus)$/],
  ["Tests and development", /\/(testing|dev)$/],
];

async function write() {
  const site = join(root, "site");
  installTools();
  const load = (file) => import(pathToFileURL(join(site, "node_modules", file)).href);
  const { Application, Converter, OptionDefaults } = await load("typedoc/dist/index.js");
  const entries = [...entriesOf(root)];
  const sourceOf = (file) => file.replace(/^dist\//, "src/").replace(/\.js$/, ".ts");
  const app = await Application.bootstrapWithPlugins({
    entryPoints: entries.map(([, file]) => join(root, sourceOf(file))),
    tsconfig: join(root, "tsconfig.build.json"),
    plugin: [join(site, "node_modules/typedoc-plugin-markdown/dist/index.js")],
    out: target,
    readme: "none",
    name: "API reference",
    // Links to sources contain line numbers, which change with every commit.
    disableSources: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    validation: false,
    logLevel: "Error",
    blockTags: OptionDefaults.blockTags,
    router: "module",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    entryFileName: "README",
    parametersFormat: "table",
    propertiesFormat: "table",
    interfacePropertiesFormat: "table",
    typeDeclarationFormat: "table",
    enumMembersFormat: "table",
  });
  // Name modules by their import path.
  const names = new Map(entries.map(([name, file]) => [join(root, sourceOf(file)), name]));
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      const path = project.getSymbolIdFromReflection(module)?.fileName ?? module.sources?.[0]?.fullFileName;
      const name = names.get(path) ?? `resetkit/${module.name}`.replace(/\/index$/, "");
      module.name = name;
    }
  });
  const project = await app.convert();
  if (!project) throw new Error("TypeDoc couldn't read the types. Run npm run typecheck to see why.");
  rmSync(target, { recursive: true, force: true });
  await app.generateOutputs(project);
  for (const file of readdirSync(target, { recursive: true })) {
    if (file.endsWith(".md")) repairLinks(join(target, file));
  }
  writeFileSync(join(target, "README.md"), contents(project));
}

/** TypeDoc also numbers headings that it then leaves out, so a link to the only heading of a name may end in "-1". */
function repairLinks(file) {
  const text = readFileSync(file, "utf8");
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading.toLowerCase());
  const isOne = (name) => headings.filter((heading) => heading === name).length === 1;
  const repaired = text.replace(/\]\(#([a-z]+)-1\)/g, (link, name) => (isOne(name) ? `](#${name})` : link));
  if (repaired !== text) writeFileSync(file, repaired);
}

/** The first page: the import paths by purpose, with the names that they export. */
function contents(project) {
  const modules = [...(project.children ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rest = modules.filter(({ name }) => !groups.some(([, pattern]) => pattern.test(name)));
  if (rest.length > 0)
    throw new Error(`Add ${rest.map(({ name }) => name).join(", ")} to the groups of scripts/reference.mjs.`);
  const sections = groups.map(([title, pattern]) => {
    const rows = modules
      .filter(({ name }) => pattern.test(name))
      .map(({ name, children = [] }) => {
        const exported = children.map((child) => `\`${child.name}\``).join(", ");
        return `| [\`${name}\`](${name}.md) | ${exported} |`;
      });
    return `## ${title}\n\n| Import | Exports |\n| --- | --- |\n${rows.join("\n")}\n`;
  });
  return `# API reference

Everything that can be imported, generated from the types and their docstrings by \`npm run docs:reference\`.

For the options as tables, see the [guides](../README.md). For the endpoints, see the [HTTP API](../http.md).

<!-- public types: ${publicHash()} -->

${sections.join("\n")}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await write();
