/**
 * Installs the package as npm packs it into typical user projects, and builds and runs these: `npm run test:packaging`.
 * Writes docs/evidence/packaging.md, and exits with 1 if a project doesn't do what it should.
 *
 * It downloads frameworks and takes minutes, so it isn't part of `npm test`.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { projects } from "./packaging/projects.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv.slice(2);
const place = await mkdtemp(join(tmpdir(), "resetkit-packaging-"));

try {
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", place], { cwd: root });
  const tarball = join(
    place,
    (await readdir(place)).find((file) => file.endsWith(".tgz")),
  );
  const rows = [];
  for (const project of projects.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    rows.push(await tried(project, tarball));
  }
  if (wanted.length === 0) await writeFile(join(root, "docs/evidence/packaging.md"), await page(rows));
  process.exitCode = rows.every(({ isGood }) => isGood) ? 0 : 1;
} finally {
  await rm(place, { recursive: true, force: true });
}

async function tried({ name, about, packages, files, steps }, tarball) {
  const folder = join(place, name);
  const dependencies = { resetkit: `file:${tarball}`, ...packages };
  const all = { "package.json": JSON.stringify({ name, private: true, dependencies }), ...files };
  for (const [file, text] of Object.entries(all)) {
    const path = join(folder, file);
    await mkdir(dirname(path), { recursive: true });
    // Add resetkit to a project's own package.json.
    const own = file === "package.json" ? { dependencies, ...JSON.parse(text) } : undefined;
    await writeFile(path, own ? JSON.stringify(own) : text);
  }
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const outcomes = [await step(folder, { run: ["npm", "install", ...quiet], prints: "" })];
  for (const one of steps) outcomes.push(await step(folder, one));
  const bad = outcomes.find(({ isGood }) => !isGood);
  process.stdout.write(`${bad ? "FAILS" : "works"} ${name}\n${bad ? `${bad.shown}\n` : ""}`);
  return { name, about, packages, steps, isGood: !bad };
}

/** Runs a command in a project. It must print `prints`, and fail only if `fails` is set. */
async function step(folder, { run: [program, ...words], prints, fails = false, env = {} }) {
  const bin = program === "npm" || program === "node" ? program : join(folder, "node_modules/.bin", program);
  // Only the variables that a plain shell has: those of the test runner would change how the tools behave.
  const { PATH, HOME, npm_config_registry } = process.env;
  const clean = { PATH, HOME, ...(npm_config_registry && { npm_config_registry }), ...env };
  const { code, text } = await run(bin, words, {
    cwd: folder,
    env: clean,
    timeout: 600_000,
    maxBuffer: 1e8,
  }).then(
    ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
    (error) => ({ code: error.code ?? 1, text: `${error.stdout}${error.stderr}` }),
  );
  const isGood = (code !== 0) === fails && text.includes(prints);
  return { isGood, shown: `${[program, ...words].join(" ")} ended with ${code}:\n${text.slice(-3_000)}` };
}

async function page(rows) {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const lines = rows.map(({ about, packages, steps, isGood }) => {
    const versions = Object.entries(packages).map(([name, at]) => `${name} ${at}`);
    const commands = steps.map(
      ({ run: words, fails }) => `\`${words.join(" ")}\`${fails ? " (fails, as documented)" : ""}`,
    );
    return `| ${about} | ${versions.join(", ")} | ${commands.join(", ")} | ${isGood ? "works" : "fails"} |`;
  });
  return `# Packaging

Projects of other people's kinds, each in a folder of its own, with resetkit ${version} installed as npm packs it: \`npm run test:packaging\`
on Node ${process.versions.node}. Each program goes the whole way, from the request to the new password.

| Project | With | What ran | |
| --- | --- | --- | --- |
${lines.join("\n")}
`;
}
