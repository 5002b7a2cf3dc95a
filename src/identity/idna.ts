import { foldIdentifier } from "./identifier.js";

/**
 * The spellings of an email address that an application may have stored: as it was typed, its domain in ASCII, and in
 * Unicode. There are several only for a domain outside ASCII: browsers turn `müller.example` into
 * `xn--mller-kva.example` before they send it.
 */
export function spellingsOf(identifier: string): readonly string[] {
  const ascii = foldIdentifier(identifier);
  const at = ascii.lastIndexOf("@") + 1;
  const domain = ascii.slice(at);
  if (at === 0 || !/^(.*\.)?xn--/.test(domain)) return [identifier];
  const local = identifier.trim().slice(0, at);
  const unicode = domain.split(".").map(decodeLabel).join(".");
  // What doesn't turn back into the same domain isn't one of its spellings.
  const isSame = foldIdentifier(ascii.slice(0, at) + unicode) === ascii;
  return [...new Set([identifier, local + domain, ...(isSame ? [local + unicode] : [])])];
}

function decodeLabel(label: string): string {
  return label.startsWith("xn--") ? (decodePunycode(label.slice(4)) ?? label) : label;
}

const base = 36;

/** RFC 3492 §6.2, with its variable names. `undefined` for what isn't Punycode. */
function decodePunycode(input: string): string | undefined {
  const end = Math.max(0, input.lastIndexOf("-"));
  const output = [...input.slice(0, end)];
  let [n, i, bias] = [128, 0, 72];
  for (let position = end > 0 ? end + 1 : 0; position < input.length;) {
    const before = i;
    for (let [weight, k] = [1, base]; ; k += base) {
      const digit = "abcdefghijklmnopqrstuvwxyz0123456789".indexOf(input[position++] ?? "-");
      if (digit < 0) return undefined;
      i += digit * weight;
      const threshold = Math.min(Math.max(k - bias, 1), 26);
      if (digit < threshold) break;
      weight *= base - threshold;
    }
    const length = output.length + 1;
    bias = adapt(i - before, length, before === 0);
    n += Math.floor(i / length);
    i %= length;
    // Hundreds of digits make a number that isn't one.
    if (!(n <= 0x10ffff)) return undefined;
    output.splice(i++, 0, String.fromCodePoint(n));
  }
  return output.join("");
}

/** RFC 3492 §6.1. */
function adapt(delta: number, length: number, isFirst: boolean): number {
  let rest = Math.floor(delta / (isFirst ? 700 : 2));
  rest += Math.floor(rest / length);
  let k = 0;
  for (; rest > 455; k += base) rest = Math.floor(rest / (base - 1));
  return k + Math.floor((base * rest) / (rest + 38));
}
