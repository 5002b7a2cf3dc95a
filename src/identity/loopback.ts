import { isProduction } from "../runtime/environment.js";

/**
 * Whether a host name or an IP address is this computer itself: `localhost` and its subdomains (RFC 6761), 127.0.0.0/8,
 * and ::1, also as a URL or a dual-stack socket writes them.
 */
export function isLoopback(host: string): boolean {
  return /^(?:(?:.+\.)?localhost|(?:::ffff:)?127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

/** A phone on the same network, or a service of a Compose file, while an application is being developed. */
export function isInDevelopment(host: string): boolean {
  const isPrivate =
    /^((10|192\.168|172\.(1[6-9]|2\d|3[01]))(\.\d+)+|\[f[cd].+|[^.:[\]]+|.+\.(local|internal|test))$/.test(
      host,
    );
  return isPrivate && isProduction() === false;
}
