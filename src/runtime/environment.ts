/**
 * Whether `NODE_ENV` is `"production"`; `undefined` if there are no environment variables, as on some workers, or if
 * Deno may not read them.
 */
export function isProduction(): boolean | undefined {
  return read((env) => env["NODE_ENV"] === "production");
}

/** Whether `NODE_ENV` is `"test"`, as Jest and Vitest set it. */
export function isTest(): boolean | undefined {
  return read((env) => env["NODE_ENV"] === "test");
}

/** The variable that identifies a platform which freezes a process after each response; `undefined` elsewhere. */
export function freezingPlatform(): string | undefined {
  const names = ["AWS_LAMBDA_FUNCTION_NAME", "VERCEL", "NETLIFY", "K_SERVICE"];
  return read((env) => names.find((name) => env[name]));
}

/** The variable that identifies a platform which has a reverse proxy in front of every process. */
export function proxyingPlatform(): string | undefined {
  const names = ["DYNO", "RENDER", "FLY_APP_NAME", "RAILWAY_ENVIRONMENT", "VERCEL", "NETLIFY", "K_SERVICE"];
  return read((env) => names.find((name) => env[name]));
}

type Environment = Readonly<Record<string, string | undefined>>;

function read<T>(look: (env: Environment) => T): T | undefined {
  const { process } = globalThis as { process?: { env?: Environment } };
  try {
    return process?.env && look(process.env);
  } catch {
    return undefined;
  }
}
