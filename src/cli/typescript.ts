import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { UsageError } from "./terminal.js";

/** What to call of which package: of those that the project has, the first. */
const loaders = [
  // First, since it reads tsconfig.json as well, and with it `paths`. Its entry for `require` can't be used by `import`.
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
 * Loads a module that is written in TypeScript. Node from 22.18 can do that alone, but for imports of `./other.js` where
 * the file is `./other.ts`, which most projects write, and for `enum`. So a loader of the project comes first.
 */
export async function importTypeScript(file: string): Promise<object> {
  const require = createRequire(file);
  const { href } = pathToFileURL(file);
  for (const { find, verb, load } of loaders) {
    const found = tryTo(() => find(require));
    const module = found && (await import(pathToFileURL(found).href));
    // Older versions don't have it.
    const call = module?.[verb] ?? module?.default?.[verb];
    if (call) return load(call, href);
  }
  try {
    return await import(href);
  } catch (error) {
    const { code } = error as { code?: string };
    if (!isForLoaders.has(code)) throw error;
    throw new UsageError(
      `Node ${process.versions.node} can't load ${file} alone (${code}). Install a loader, which is used by itself: npm install --save-dev tsx`,
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
