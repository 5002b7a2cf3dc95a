/** Whether `NODE_ENV` says so; `undefined` on runtimes that have no environment, as some workers. */
export function isProduction(): boolean | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env && process.env["NODE_ENV"] === "production";
}
