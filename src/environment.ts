/**
 * Whether `NODE_ENV` says that this is production; `undefined` where there is no such thing as an
 * environment, as in some workers.
 */
export function isProduction(): boolean | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env && process.env["NODE_ENV"] === "production";
}
