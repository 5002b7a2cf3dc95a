/**
 * How a platform is asked to keep running after a response, if the application didn't pass `waitUntil`.
 *
 * @module
 */
type WaitUntil = (work: Promise<unknown>) => void;

interface Platforms {
  readonly Netlify?: { readonly context?: { readonly waitUntil?: WaitUntil } | null };
  readonly [key: symbol]: { get?(): { readonly waitUntil?: WaitUntil } | undefined } | undefined;
}

/** Vercel's name for the request that is being handled (the package `@vercel/functions` reads the same). */
const vercel = Symbol.for("@vercel/request-context");

/** `waitUntil` of the request that is being handled, on Vercel, Netlify, and Cloudflare Workers; undefined elsewhere. */
export async function platformWaitUntil(): Promise<WaitUntil | undefined> {
  const platforms = globalThis as unknown as Platforms;
  const owner = platforms[vercel]?.get?.() ?? platforms.Netlify?.context ?? (await cloudflareModule());
  return owner?.waitUntil?.bind(owner);
}

/** The specifier is a variable: bundlers for other platforms would look for the module. */
async function cloudflareModule(): Promise<{ readonly waitUntil?: WaitUntil } | undefined> {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  if (navigator?.userAgent !== "Cloudflare-Workers") return undefined;
  const name = "cloudflare:workers";
  return import(/* @vite-ignore */ name).catch(() => undefined) as Promise<
    { waitUntil?: WaitUntil } | undefined
  >;
}
