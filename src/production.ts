/** Whether `NODE_ENV` says so. Runtimes without such a variable are never in production by this word. */
export function isProduction(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.["NODE_ENV"] === "production";
}
