/**
 * Whether `NODE_ENV` says so; `undefined` where there is no environment, as on some workers, and where Deno
 * may not read it.
 */
export function isProduction(): boolean | undefined {
  return read((env) => env["NODE_ENV"] === "production");
}

/** The variable by which a platform shows itself that freezes a process after each response; `undefined` elsewhere. */
export function freezingPlatform(): string | undefined {
  const names = ["AWS_LAMBDA_FUNCTION_NAME", "VERCEL", "NETLIFY", "K_SERVICE"];
  return read((env) => names.find((name) => env[name]));
}

/** The variable by which a platform shows itself that has a reverse proxy in front of every process. */
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
