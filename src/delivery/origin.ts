/**
 * Where a request came from, as far as its mail tells: enough to recognise oneself, too little to find somebody.
 *
 * Nothing is quoted: a user agent is text of a stranger, and becomes words of ours or nothing at all.
 *
 * @module
 */

/** Browser and system, such as `Firefox (Windows)`. */
export function deviceOf(userAgent: string | undefined): string | undefined {
  const agent = userAgent?.slice(0, 512) ?? "";
  const browser = firstMatch(browsers, agent);
  const system = firstMatch(systems, agent);
  return browser && system ? `${browser} (${system})` : (browser ?? system);
}

/** The network of an address: `203.0.113.x` (a /24), or `2001:db8:7::` (a /48). */
export function networkOf(ip: string | undefined): string | undefined {
  const text = ip?.replace(/^::ffff:(?=\d+\.)/i, "") ?? "";
  const four = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(text);
  if (four) return `${four[1]}.x`;
  if (text.length > 39 || !/^[\da-f]{1,4}(?::[\da-f]{0,4}){2,7}$/i.test(text)) return undefined;
  const [head = ""] = text.split("::");
  const groups = [...head.split(":"), "0", "0"].slice(0, 3).map((group) => group.toLowerCase());
  return `${groups.join(":").replace(/(?::0)+$/, "")}::`;
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
