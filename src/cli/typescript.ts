import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { UsageError } from "./terminal.js";

/** Packages that load TypeScript. The first one that the project has is used. */
const loaders = [
  // First, since it also reads tsconfig.json, including `paths`. Its entry for `require` can't be used by `import`.
  {
    find: ({ resolve }: NodeJS.Require) => resolve("tsx/esm/api").replace(/\.cjs$/, ".mjs"),
    verb: "tsImport",
    load: (tsImport: any, url: string) => tsImport(url, import.meta.url),
  },
  {
    find: ({ resolve }: NodeJS.Require) => resolve("jiti"),
    verb: "createJiti",
    load: (createJiti: any, url: string) => createJiti(url).import(url),
  },
] as const;

/**
 * Loads a TypeScript module. Node 22.18 and newer can do that without a loader, except for `enum` and for imports of
 * `./other.js` if the file is `./other.ts`, which most projects have. So a loader of the project is tried first.
 */
export async function importTypeScript(file: string): Promise<object> {
  const require = createRequire(file);
  const { href } = pathToFileURL(file);
  for (const { find, verb, load } of loaders) {
    const found = tryTo(() => find(require));
    const module = found && (await import(pathToFileURL(found).href));
    // Older versions of the package don't have the function.
    const call = module?.[verb] ?? module?.default?.[verb];
    if (call) return load(call, href);
  }
  try {
    return await import(href);
  } catch (error) {
    const { code } = error as { code?: string };
    if (!isForLoaders.has(code)) throw error;
    throw new UsageError(
      `Node ${process.versions.node} can't load ${file} without a loader (${code}). Install one, which is then used automatically: npm install --save-dev tsx`,
      { cause: error },
    );
  }
}

const isForLoaders: ReadonlySet<string | undefined> = new Set([
  "ERR_UNKNOWN_FILE_EXTENSION",
  "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
  "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING",
  "ERR_MODULE_NOT_FOUND",
]);

function tryTo<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
