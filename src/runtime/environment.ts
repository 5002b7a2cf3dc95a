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

/** The variable by which a platform shows itself that freezes a process after each response; `undefined` elsewhere. */
export function freezingPlatform(): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  try {
    const names = ["AWS_LAMBDA_FUNCTION_NAME", "VERCEL", "NETLIFY", "K_SERVICE"];
    return names.find((name) => process?.env?.[name]);
  } catch {
    return undefined;
  }
}
