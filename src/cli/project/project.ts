import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What's known about the application in the folder that a command runs in. */
export interface Project {
  readonly folder: string;
  /** All dependencies in package.json, including devDependencies. Empty without a package.json. */
  readonly packages: ReadonlySet<string>;
  /** The format of a `.js` file, from `type` in package.json. Without a package.json, ESM. */
  readonly modules: "esm" | "commonjs";
  readonly isTypeScript: boolean;
  /** Whether a path below the folder exists. */
  has(path: string): boolean;
  /** The text of a file. Empty if it doesn't exist. */
  read(path: string): string;
}

export function readProject(folder: string): Project {
  const has = (path: string) => existsSync(join(folder, path));
  const read = (path: string) => (has(path) ? readFileSync(join(folder, path), "utf8") : "");
  const manifest = manifestOf(read("package.json"));
  const packages = new Set(
    Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies }),
  );
  const isAbsent = !has("package.json");
  return {
    folder,
    packages,
    modules: isAbsent || manifest.type === "module" ? "esm" : "commonjs",
    isTypeScript:
      packages.has("typescript") || readdirSync(folder).some((name) => /^tsconfig\b.*\.json$/.test(name)),
    has,
    read,
  };
}

interface Manifest {
  readonly type?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

function manifestOf(text: string): Manifest {
  if (text === "") return {};
  try {
    return JSON.parse(text) as Manifest;
  } catch (cause) {
    throw new Error("package.json isn't valid JSON. Correct it, and try again.", { cause });
  }
}
