import { packagesAlone } from "../../test/servers/packages.js";

export const betterAuthVersion = "1.7.25";

/** The `node_modules` with Better Auth, which is no dependency of ours. */
export function betterAuthPackages(): Promise<string> {
  return packagesAlone("better-auth", { dependencies: { "better-auth": betterAuthVersion } });
}
