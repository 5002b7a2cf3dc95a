/**
 * IP addresses and networks, read strictly and written in one way.
 *
 * @module
 */

/** Eight groups of 16 bits. IPv4 is `::ffff:a.b.c.d`, as a dual-stack socket reports it. */
export type Ip = readonly number[];

/** A network: its address, and how many of the 128 bits count. */
export interface Network {
  readonly ip: Ip;
  readonly bits: number;
}

/**
 * The address in a text such as `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443` or
 * `fe80::1%eth0`: proxies write all of these. `null` for anything else. The zone is dropped.
 */
export function parseIp(text: string): Ip | null {
  if (text.length > 64) return null;
  // An empty text is no IPv6 address.
  const [, ipv4, bracketed, plain = ""] = bare.exec(text.trim()) ?? [];
  return ipv4 === undefined ? parseIpv6(bracketed ?? plain) : parseIpv4(ipv4);
}

/** The canonical spelling of an address: dotted decimal, or lowercase with the longest run of zeros cut (RFC 5952). */
export function formatIp(ip: Ip): string {
  if (isIpv4(ip)) return formatIpv4(ip);
  const zeros = longestZeros(ip);
  const hex = (groups: readonly number[]) => groups.map((group) => group.toString(16)).join(":");
  if (zeros.length < 2) return hex(ip);
  return `${hex(ip.slice(0, zeros.start))}::${hex(ip.slice(zeros.start + zeros.length))}`;
}

/** Dotted decimal, for an address that `isIpv4`. */
export function formatIpv4(ip: Ip): string {
  const bytes = ip.slice(6).flatMap((group) => [group >> 8, group & 255]);
  return bytes.join(".");
}

export function isIpv4(ip: Ip): boolean {
  return ip[5] === 0xffff && ip.slice(0, 5).every((group) => group === 0);
}

/** The network in a text such as `10.0.0.0/8`, `2001:db8::/32`, or a single address. `null` for anything else. */
export function parseNetwork(text: string): Network | null {
  const [address = "", length, more] = text.split("/");
  const ip = parseIp(address);
  if (!ip || more !== undefined) return null;
  const all = isIpv4(ip) && !address.includes("::") ? 32 : 128;
  if (length === undefined) return { ip, bits: 128 };
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : 129;
  return bits <= all ? { ip, bits: 128 - all + bits } : null;
}

export function isWithin(network: Network, ip: Ip): boolean {
  for (let index = 0, left = network.bits; left > 0; index++, left -= 16) {
    const shift = Math.max(0, 16 - left);
    if (network.ip[index]! >> shift !== ip[index]! >> shift) return false;
  }
  return true;
}

// IPv4 with or without a port, IPv6 in brackets with or without a port, bare IPv6; a zone is cut off.
const bare =
  /^(?:(\d[\d.]*)(?::\d{1,5})?|\[([0-9a-f:.]+)(?:%[^\]]*)?\](?::\d{1,5})?|([0-9a-f]*:[0-9a-f:.]*)(?:%.*)?)$/i;

function parseIpv4(text: string): Ip | null {
  const bytes = readBytes(text);
  return bytes && [0, 0, 0, 0, 0, 0xffff, ...bytes];
}

/** Two groups of 16 bits. No leading zeros: some parsers read those as octal, and an address must mean one thing. */
function readBytes(text: string): readonly [number, number] | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return null;
  const [a, b, c, d] = parts.map(Number) as [number, number, number, number];
  return [a * 256 + b, c * 256 + d];
}

function parseIpv6(text: string): Ip | null {
  const [left = "", right, more] = text.split("::");
  if (more !== undefined) return null;
  const isWhole = right === undefined;
  const before = readGroups(left, isWhole);
  const after = readGroups(right ?? "", true);
  if (!before || !after) return null;
  const zeros = 8 - before.length - after.length;
  if (isWhole ? zeros !== 0 : zeros < 1) return null;
  return [...before, ...new Array<number>(zeros).fill(0), ...after];
}

/** The groups of one side of `::`, the last of them perhaps written as IPv4. */
function readGroups(side: string, isEnd: boolean): readonly number[] | null {
  if (side === "") return [];
  const groups: number[] = [];
  const parts = side.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const bytes = isEnd && index === parts.length - 1 ? readBytes(part) : null;
    if (!bytes) return null;
    groups.push(...bytes);
  }
  return groups;
}

function longestZeros(ip: Ip): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < ip.length; start++) {
    let length = 0;
    while (ip[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/**
 * What an IP address counts as for a rate limit: an IPv4 address counts as itself, even if it's written as IPv6, and an
 * IPv6 address as its /64, since one household gets 2^64 addresses (RFC 6177). A text that isn't an IP address counts
 * as itself.
 */
export function networkOf(text: string, groups = 4): string {
  const ip = parseIp(text);
  if (!ip) return text.slice(0, 64);
  if (isIpv4(ip)) return formatIpv4(ip);
  const network = ip.slice(0, groups).map((group) => group.toString(16));
  return `${network.join(":")}::/${16 * groups}`;
}
