import fc from "fast-check";
import addressparser from "nodemailer/lib/addressparser";
import { fromBase64url, fromHex, fromBase36 } from "../../src/crypto/encoding.js";
import { readMembers } from "../../src/http/body.js";
import { parseMediaType } from "../../src/http/media-type.js";
import { negotiateErrorFormat } from "../../src/http/negotiate.js";
import { createVisitor } from "../../src/http/visitor.js";
import { foldIdentifier, isAddress, maskIdentifier } from "../../src/identity/identifier.js";
import { formatIp, networkOf, parseIp, parseNetwork } from "../../src/identity/ip.js";
import { en } from "../../src/locales/en.js";
import { ResetError } from "../../src/errors.js";
import { parseTicket, readCookie, setTicket } from "../../src/pages/cookies.js";
import { djangoTokens } from "../../src/tokens/django.js";
import { randomNumber, randomString } from "../../src/tokens/generators.js";
import { signedTokens } from "../../src/tokens/signed.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { HttpRequest } from "../../src/types.js";
import { makeKit, secret } from "../kit.js";

/** A parser that reads what clients write. */
export interface Target {
  /** Texts that are nearly right. */
  readonly grammar: fc.Arbitrary<string>;
  /** Throws if the parser crashed or broke its promise. */
  run(text: string): unknown;
}

/** Pieces in any order: what stands beside what is found, and so is what's cut off in the middle. */
const pieces = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        {
          weight: 8,
          arbitrary: fc.oneof(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))),
        },
        { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
      ),
      { maxLength: 40 },
    )
    .map((list) => list.join(""));

const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const many = (text: string) => fc.integer({ min: 0, max: 400 }).map((count) => text.repeat(count));

function check(isTrue: boolean, broken: string): void {
  if (!isTrue) throw new Error(broken);
}

/** A refusal is an answer; anything else that's thrown is a crash. */
function refusable<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ResetError) return undefined;
    throw error;
  }
}

const request = (headers: Record<string, string>): HttpRequest => ({
  ...{ method: "POST", path: "/", query: "", ip: "192.0.2.1" },
  header: (name) => headers[name],
  body: () => ({ kind: "bytes", bytes: new Uint8Array() }),
});

/** Reads a body; its members must be texts that the client wrote, of its own. */
function readBody(type: string, text: string): void {
  const bytes = new TextEncoder().encode(text);
  const members = refusable(() =>
    readMembers(request({ "content-type": type }), { kind: "bytes", bytes }, en.api),
  );
  for (const name of ["email", "token", "__proto__", "constructor", "toString"]) {
    const value = members?.get(name);
    check(typeof value !== "function", `${name} is a function`);
    members?.numberText(name);
  }
  check(Object.keys(Object.prototype).length === 0, "Object.prototype has a new property");
}

const engine = makeKit({
  tokens: [
    storedTokens({ generator: randomNumber() }),
    signedTokens({ ids: "integer" }),
    djangoTokens({
      secretKey: secret,
      timeout: 3_600,
      user: () => ({ pk: 1, password: "x", lastLogin: null, email: "" }),
    } as never),
  ],
});

const visitors = [undefined, 1, ["10.0.0.0/8", "2001:db8::/32"]].map((trustProxy) =>
  createVisitor({ ...(trustProxy !== undefined && { trustProxy }) } as never, {
    info() {},
    warn() {},
    error() {},
  }),
);

/** The parsers, by the name that their corpus has. */
export const targets: Readonly<Record<string, Target>> = {
  token: {
    grammar: pieces("1", "A", "z", "-", "_", "/", "=", ".", "%", "MQ", "dj", word, many("A"), "\u0000", "ä"),
    async run(text) {
      const isValid = await engine.reset.validate({ token: text }).catch((error: unknown) => {
        if (error instanceof ResetError) return false;
        throw error;
      });
      check(!isValid, "a made-up token is valid");
      for (const read of [fromBase64url, fromHex, fromBase36]) read(text);
    },
  },
  code: {
    grammar: pieces("1", "23", " ", "-", "O", "l", "٣", "३", "𝟛", word, many("9")),
    run(text) {
      for (const generator of [randomNumber(), randomString({ length: 8, alphabet: "crockford" })]) {
        check(generator.normalize!(text).length <= 20 * text.length, "a code grows by being read");
      }
    },
  },
  email: {
    grammar: pieces(
      "a",
      "@",
      ".",
      "example.com",
      '"',
      "<",
      ">",
      "(",
      ")",
      ",",
      ";",
      ":",
      "\\",
      " ",
      "\r\n",
      "xn--",
      "é",
      "\u0131",
      word,
      many("a."),
      many("a@"),
    ),
    run(text) {
      const folded = foldIdentifier(text);
      check(foldIdentifier(folded) === folded, "folding twice gives another identifier");
      maskIdentifier(text);
      if (!isAddress(text)) return;
      const read = addressparser(text) as { address?: string; group?: unknown }[];
      check(read.length === 1 && read[0]!.group === undefined, "nodemailer reads several recipients");
      check(read[0]!.address === text, `nodemailer reads another recipient: ${read[0]!.address}`);
    },
  },
  json: {
    grammar: pieces(
      "{",
      "}",
      "[",
      "]",
      '"email"',
      '"token"',
      ":",
      ",",
      '"a@b.co"',
      "1e9",
      "-0",
      "true",
      "null",
      '"\\ud800"',
      '"__proto__"',
      word,
      many("["),
    ),
    run: (text) => readBody("application/json", text),
  },
  form: {
    grammar: pieces(
      "email=",
      "token=",
      "&",
      "=",
      "%",
      "%00",
      "%C0%80",
      "+",
      "[]",
      "a@b.co",
      "__proto__",
      word,
      many("a&"),
    ),
    run: (text) => readBody("application/x-www-form-urlencoded", text),
  },
  multipart: {
    grammar: pieces(
      "--b",
      "\r\n",
      "--b--",
      "Content-Disposition: form-data; name=",
      '"email"',
      "; filename=x",
      "\r\n\r\n",
      "a@b.co",
      word,
      many("\r\n--b"),
    ),
    run: (text) => readBody("multipart/form-data; boundary=b", text),
  },
  mediaType: {
    grammar: pieces(
      "application/",
      "json",
      ";",
      " ",
      "charset=",
      "utf-8",
      '"',
      "\\",
      "boundary=",
      "=",
      word,
      many(";a=b"),
      many(" "),
    ),
    run(text) {
      parseMediaType(text);
      readBody(text, '{"email":"a@b.co"}');
    },
  },
  accept: {
    grammar: pieces(
      "application/json",
      "application/problem+json",
      "*/*",
      "application/*",
      ",",
      ";q=",
      "0",
      "1",
      "0.5",
      " ",
      word,
      many(","),
      many(";q=1"),
    ),
    run(text) {
      check(["json", "problem", null].includes(negotiateErrorFormat(text)), "neither form nor refusal");
    },
  },
  cookie: {
    grammar: pieces(
      "__Host-resetkit",
      "resetkit",
      "resetkit-form",
      "=",
      ";",
      " ",
      ":",
      "%",
      "%3A",
      "%ff",
      word,
      many("; a=b"),
    ),
    run(text) {
      for (const secure of [true, false]) {
        const ticket = parseTicket(readCookie(text, "resetkit", secure));
        if (!ticket) continue;
        const again = parseTicket(readCookie(setTicket(ticket, secure), "resetkit", secure));
        check(
          JSON.stringify(again) === JSON.stringify(ticket),
          "a ticket that is written is read as another",
        );
      }
      parseTicket(text);
    },
  },
  ip: {
    grammar: pieces(
      "192.0.2.1",
      "::1",
      "2001:db8::",
      ":",
      "::",
      ".",
      "[",
      "]",
      "%eth0",
      "/",
      "64",
      "ffff",
      "0x1",
      "010",
      word,
      many(":"),
      many("1."),
    ),
    run(text) {
      const ip = parseIp(text);
      if (ip)
        check(
          JSON.stringify(parseIp(formatIp(ip))) === JSON.stringify(ip),
          "an address that is written is read as another",
        );
      parseNetwork(text);
      networkOf(text);
    },
  },
  forwarded: {
    grammar: pieces(
      "192.0.2.1",
      "10.0.0.1",
      ",",
      " ",
      "for=",
      '"[2001:db8::1]:4711"',
      ";proto=http",
      "unknown",
      "_hidden",
      '"',
      "\\",
      word,
      many(","),
    ),
    run(text) {
      for (const visitor of visitors) {
        for (const header of ["x-forwarded-for", "forwarded", "user-agent", "accept-language"]) {
          const { ip, userAgent = "", locale = "" } = visitor(request({ [header]: text }), {}, {});
          check(ip === undefined || parseIp(ip) !== null, `not an address: ${ip}`);
          check(userAgent.length <= 512 && !/[\r\n\u0000]/.test(userAgent), "an agent of several lines");
          check(locale.length <= 64, "a long language");
        }
      }
    },
  },
};
