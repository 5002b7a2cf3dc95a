/**
 * Prints the metrics that `test/architecture.test.ts` enforces, next to those of packages known for their types:
 * `npm run metrics`.
 *
 * Other packages are measured as installed. Those that ship only declarations have no `!` to count, and their lines are
 * those of the declarations.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { circles, wrongImports } from "./import-graph.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The sources below a folder, by path. */
export function sourcesOf(folder, ending = ".ts") {
  const files = readdirSync(folder, { recursive: true })
    .map((file) => file.split("\\").join("/"))
    .filter((file) => file.endsWith(ending) && !file.includes("node_modules/"));
  return new Map(files.sort().map((file) => [file, readFileSync(join(folder, file), "utf8")]));
}

/** Counts lines, the documented share of exported interfaces' members, and how often `any` and `!` occur. */
export function measure(sources, isCounted = () => true) {
  const bare = [];
  let [lines, members, anys, assertions] = [0, 0, 0, 0];
  for (const [file, text] of sources) {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    lines += source.getLineStarts().length;
    const visit = (node) => {
      if (node.kind === ts.SyntaxKind.AnyKeyword) anys++;
      if (ts.isNonNullExpression(node)) assertions++;
      ts.forEachChild(node, visit);
    };
    visit(source);
    for (const statement of source.statements) {
      if (!ts.isInterfaceDeclaration(statement) || !isExported(statement)) continue;
      if (!isCounted(file, statement.name.text)) continue;
      for (const member of statement.members) {
        members++;
        const name = member.name?.getText(source) ?? "()";
        if (ts.getJSDocCommentsAndTags(member).length === 0)
          bare.push(`${file} ${statement.name.text}.${name}`);
      }
    }
  }
  const perThousand = (count) => Math.round((count / lines) * 10_000) / 10;
  return {
    files: sources.size,
    lines,
    documented: Math.round((1 - bare.length / members) * 1_000) / 10,
    any: perThousand(anys),
    nonNull: perThousand(assertions),
    bare,
  };
}

function isExported(statement) {
  return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/**
 * Measures the members that users see: those of importable files and of the ports. Interfaces for other packages' objects
 * (`PgPool`) don't count, since those packages document them. Neither do interfaces that only resetkit's files use.
 */
export function measurePublic(sources) {
  const entries = JSON.parse(readFileSync(join(root, "test/package/entries.json"), "utf8"));
  const files = new Set([...entries.map((entry) => `${entry.slice(2)}.ts`), "ports.ts"]);
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const target of Object.values(exports))
    files.add(target?.replace("./dist/", "").replace(/\.js$/, ".ts"));
  return measure(sources, (file, name) => {
    if (/^(http|pages)\/options\.ts$/.test(file)) return name.endsWith("Options");
    if (!files.has(file)) return false;
    return !/^(adapters|connections|queues)\//.test(file) || /Options(Factory)?$/.test(name);
  });
}

const self = fileURLToPath(import.meta.url);
if (process.argv[1] === self) {
  const sources = sourcesOf(join(root, "src"));
  const own = measure(sources);
  console.log(`files in src itself: ${[...sources.keys()].filter((file) => !file.includes("/")).length}`);
  console.log(`circles: ${circles(sources).length}, upward arrows: ${wrongImports(sources).length}`);
  const packages = { jose: "dist/types", kysely: "dist", hono: "dist/types" };
  const row = (name, { files, lines, documented, any }, nonNull) =>
    [name, files, lines, `${documented} %`, any, nonNull].join(" | ");
  console.log(
    "\npackage | files | lines | members with a docstring | any per 1,000 lines | ! per 1,000 lines",
  );
  console.log(row("resetkit", { ...own, documented: measurePublic(sources).documented }, own.nonNull));
  for (const [name, folder] of Object.entries(packages)) {
    const path = join(root, "node_modules", name, folder);
    if (existsSync(path)) console.log(row(name, measure(sourcesOf(path, ".d.ts")), "-"));
  }
}
