/**
 * Whether a request names this server in its `Host` header.
 *
 * This prevents DNS rebinding: an attacker's site makes its own domain resolve to 127.0.0.1, and then reads the inbox as if
 * it were a page of that site. The domain is still in `Host`. IP addresses can't be rebound, so all of them are accepted.
 */
export function namesThisServer(host: string | undefined, own: readonly string[]): boolean {
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : "";
  const isAddress = /^\[[\da-f:.]+\]$|^\d+\.\d+\.\d+\.\d+$/.test(name);
  return isAddress || name === "localhost" || name.endsWith(".localhost") || own.includes(name);
}
