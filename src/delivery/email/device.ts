/**
 * Where a request came from, as its email shows it: enough to recognize your own, too little to locate a person.
 *
 * Nothing is quoted: a user agent is text that an attacker can choose, so it becomes one of our own words or nothing.
 *
 * @module
 */
import { formatIp, isIpv4, parseIp } from "../../identity/ip.js";

/** Browser and system, such as `Firefox (Windows)`. */
export function deviceOf(userAgent: string | undefined): string | undefined {
  const agent = userAgent?.slice(0, 512) ?? "";
  const browser = firstMatch(browsers, agent);
  const system = firstMatch(systems, agent);
  return browser && system ? `${browser} (${system})` : (browser ?? system);
}

/** The network of an address: `203.0.113.x` (a /24), or `2001:db8:7::` (a /48). */
export function networkOf(text: string | undefined): string | undefined {
  const ip = parseIp(text ?? "");
  if (!ip) return undefined;
  if (isIpv4(ip)) return formatIp(ip).replace(/\d+$/, "x");
  return formatIp([...ip.slice(0, 3), 0, 0, 0, 0, 0]);
}

// In this order: every browser claims to be the ones below it.
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\b(?:OPR|Opera)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|CriOS)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\b(?:iPhone|iPad|iPod)\b/, "iOS"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

function firstMatch(table: readonly (readonly [RegExp, string])[], text: string): string | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
