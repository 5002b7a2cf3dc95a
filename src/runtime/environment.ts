/**
 * Whether `NODE_ENV` says so; `undefined` where there is no environment, as on some workers, and where Deno
 * may not read it.
 */
export function isProduction(): boolean | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  try {
    return process?.env && process.env["NODE_ENV"] === "production";
  } catch {
    return undefined;
  }
}
