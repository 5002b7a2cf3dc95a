/**
 * Describes where a request came from, for the email about it: enough to recognize your own, too little to locate a person.
 *
 * It never quotes the user agent, which is text that an attacker can choose. The result is one of the names below, or
 * nothing.
 *
 * @module
 */
import { formatIp, isIpv4, parseIp } from "../../identity/ip.js";

/** The browser and operating system, such as `Firefox (Windows)`. */
export function deviceOf(userAgent: string | undefined): string | undefined {
  const agent = userAgent?.slice(0, 512) ?? "";
  const browser = firstMatch(browsers, agent);
  const system = firstMatch(systems, agent);
  return browser && system ? `${browser} (${system})` : (browser ?? system);
}

/** The network of an IP address: `203.0.113.x` (a /24), or `2001:db8:7::` (a /48). */
export function networkOf(text: string | undefined): string | undefined {
  const ip = parseIp(text ?? "");
  if (!ip) return undefined;
  if (isIpv4(ip)) return formatIp(ip).replace(/\d+$/, "x");
  return formatIp([...ip.slice(0, 3), 0, 0, 0, 0, 0]);
}

// The order matters: each browser's user agent also contains the names of browsers below it.
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
