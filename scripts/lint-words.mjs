// Reports words that don't belong in docs, messages, and comments. `npm run lint` runs it.
//
//   node scripts/lint-words.mjs [file…]
//
// scripts/words.json lists the words, which match as whole words in any case, and what to write instead. In code, comments
// and strings are checked, and identifiers aren't. Decisions and evidence are records and stay as they were written.
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";

const words = JSON.parse(readFileSync(new URL("words.json", import.meta.url), "utf8"));

/** Two words may be separated by a line break in a comment or a paragraph. */
const gap = String.raw`(?:\s|\*|//)+`;

const rules = Object.entries(words).map(([word, instead]) => ({
  pattern: new RegExp(`(?<![\\w-])${word.replaceAll(/ (?!\?)/g, gap)}(?![\\w@-])`, "giu"),
  instead,
}));

const folders = ["docs", "examples", "registry", "server", "src", ".changeset"];
const documents = ["README.md", "CONTRIBUTING.md", "SECURITY.md"];
const skipped =
  /(^|\/)(dist|node_modules|decisions|evidence|reference|generated|\.next)\/|\/common\/passwords\.ts$|locales\/(?!(?:admin\/)?en\.|in-words|pick|lookup|plural|attribute)/;

/** The files to check, relative to the current folder. */
export function filesToLint() {
  const inFolders = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true }).map((name) => `${folder}/${name}`),
  );
  return [
    ...documents,
    ...inFolders.filter((name) => /\.(md|mjs|ts|tsx)$/.test(name) && !skipped.test(name)),
  ];
}

/** The words that were found in a text: `{ line, found, instead }`. */
export function findingsIn(name, text) {
  // Skip parsing for most files, which have no findings.
  if (rules.every(({ pattern }) => text.search(pattern) < 0)) return [];
  const prose = name.endsWith(".md") ? text : proseOf(name, text);
  return rules.flatMap(({ pattern, instead }) =>
    [...prose.matchAll(pattern)].map(({ 0: found, index }) => ({
      line: prose.slice(0, index).split("\n").length,
      found: found.replaceAll(/[\s*/]+/g, " "),
      instead,
    })),
  );
}

const textKinds = new Set([
  ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.NoSubstitutionTemplateLiteral,
  ts.SyntaxKind.TemplateHead,
  ts.SyntaxKind.TemplateMiddle,
  ts.SyntaxKind.TemplateTail,
  ts.SyntaxKind.JsxText,
]);

/** The comments and strings of a source, each on its original line. Everything else is left out. */
function proseOf(name, text) {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  let prose = "";
  let at = 0;
  const keep = (start, end) => {
    prose += text.slice(at, start).replaceAll(/[^\n]+/g, " ; ") + text.slice(start, end);
    at = end;
  };
  const visit = (node) => {
    if (node.kind >= ts.SyntaxKind.FirstJSDocNode && node.kind <= ts.SyntaxKind.LastJSDocNode) return;
    if (node.getChildCount(source) > 0) return node.getChildren(source).forEach(visit);
    // White space and comments precede each token.
    const start = node.getStart(source);
    keep(node.pos, textKinds.has(node.kind) && isProse(node) ? node.end : start);
  };
  visit(source);
  return prose;
}

/** A string without a space is the name of a module, an option, or a key. */
function isProse({ text, kind }) {
  return /\s/.test(text) || kind !== ts.SyntaxKind.StringLiteral;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const files = process.argv.length > 2 ? process.argv.slice(2) : filesToLint();
  const lines = files.flatMap((name) =>
    findingsIn(name, readFileSync(name, "utf8")).map(
      ({ line, found, instead }) => `${name}:${line}  "${found}": write ${instead}.`,
    ),
  );
  for (const line of lines) console.error(line);
  if (lines.length > 0) process.exitCode = 1;
}
