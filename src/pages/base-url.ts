import { UsageError } from "../check-options.js";
import { isInDevelopment, isLoopback } from "../identity/loopback.js";

/** The URL at which browsers see the pages. Throws a `TypeError` if it can't be one. */
export function checkedBase(baseUrl: unknown): URL {
  const url = typeof baseUrl === "string" && URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url && isOwnKind(url) && /^(?:\/[\w.~-]+)*\/?$/.test(url.pathname)) return url;
  throw new UsageError(
    `baseUrl is ${JSON.stringify(baseUrl)}. Use the https origin of your site, such as "https://example.com".`,
  );
}

/** https, or http on this machine; in development, also in a private network. */
export function isOwnKind({ protocol, hostname }: URL): boolean {
  if (protocol === "https:") return true;
  return protocol === "http:" && (isLoopback(hostname) || isInDevelopment(hostname));
}

/** Whether cookies are sent over https only. Throws if that can't work with `baseUrl`. */
export function checkedSecure(secure: boolean | undefined, origin: string | undefined): boolean {
  const isHttp = origin?.startsWith("http:") ?? false;
  if (secure && isHttp) {
    throw new UsageError(`secure is true, but baseUrl is ${origin}. Leave secure out, or serve https.`);
  }
  return secure ?? !isHttp;
}

/** The style sheet of the pages, followed by the application's own rules. */
export function checkedStyle(style: string, own: string | undefined): string {
  const css = style + (own ?? "");
  if (!/<\/style|<!--/i.test(css)) return css;
  throw new UsageError("style contains HTML. Use CSS rules only, without <style> around them.");
}

/** If the mount is a pattern, the client chooses its text, and a redirect to `//host` would lead to another site. */
export function isMount(mountedAt: string): boolean {
  return mountedAt === "" || /^\/[^/\\]/.test(mountedAt);
}
