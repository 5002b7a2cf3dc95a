import { UsageError } from "../check-options.js";
import { isInDevelopment, isLoopback } from "../identity/loopback.js";

/** The URL under which browsers see the pages; throws for one that can't be it. */
export function checkedBase(baseUrl: unknown): URL {
  const url = typeof baseUrl === "string" && URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url && isOwnKind(url) && /^(?:\/[\w.~-]+)*\/?$/.test(url.pathname)) return url;
  throw new UsageError(
    `baseUrl is ${JSON.stringify(baseUrl)}. Use the https origin of your site, such as "https://example.com".`,
  );
}

/** https, or http on this machine; in development, in a private network as well. */
export function isOwnKind({ protocol, hostname }: URL): boolean {
  if (protocol === "https:") return true;
  return protocol === "http:" && (isLoopback(hostname) || isInDevelopment(hostname));
}

/** Whether cookies are for https alone; throws if that can't work with `baseUrl`. */
export function checkedSecure(secure: boolean | undefined, origin: string | undefined): boolean {
  const isHttp = origin?.startsWith("http:") ?? false;
  if (secure && isHttp) {
    throw new UsageError(`secure is true, but baseUrl is ${origin}. Leave secure out, or serve https.`);
  }
  return secure ?? !isHttp;
}

/** The style sheet of the pages with the application's own rules after it. */
export function checkedStyle(style: string, own: string | undefined): string {
  const css = style + (own ?? "");
  if (!/<\/style|<!--/i.test(css)) return css;
  throw new UsageError("style contains HTML. Use CSS rules only, without <style> around them.");
}

/** If the mount is a pattern, the client fills it in, and browsers take `//host` for another site. */
export function isMount(mountedAt: string): boolean {
  return mountedAt === "" || /^\/[^/\\]/.test(mountedAt);
}
