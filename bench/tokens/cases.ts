/**
 * What is measured: each case is one call, of which as many are made as fit into a block of time.
 *
 * @module
 */
import { build } from "esbuild";
import { jwtVerify, SignJWT } from "jose";
import { createHmac, createSecretKey, randomBytes, webcrypto } from "node:crypto";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Account, StrategyContext, TokenOrder, TokenStrategy, UserId } from "resetkit/types";

export interface Case {
  /** What one call is compared with. */
  readonly unit: string;
  /** Makes the call, in a process of its own: what runs beside it must not slow it down, nor warm it up. */
  readonly prepare: () => Promise<Call>;
}

export type Call = () => unknown;

interface Library {
  readonly createKeyring: (secret: string) => StrategyContext["keys"];
  readonly signedTokens: (options: { ids: "integer" | "uuid" | "text" }) => TokenStrategy;
  readonly djangoTokens: (options: { secretKey: string }) => TokenStrategy;
  readonly createMailQuota: (
    context: StrategyContext,
    kind: string,
  ) => (order: TokenOrder) => Promise<unknown>;
  readonly memoryStore: () => { readonly counters: StrategyContext["counters"] };
}

export const raw = "one createHmac, SHA-256, 150 bytes";
export const rawWeb = "one subtle.sign with a cached key, 150 bytes";
export const verifyNode = "a signed token verified (integer id)";
export const verifyWeb = "a signed token verified on Web Crypto (integer id)";
export const make = "a signed token made (mail rule and all)";
export const mailQuota = "the mail rule alone (one MAC, three counters in memory)";
export const jose = "jose jwtVerify, HS256";

const secret = "a secret of the bench: 0123456789 abcdefghijklmnopqrstuv";
const lifetime = 3_600_000;
const now = Date.now();

const message = randomBytes(150);
const hmac = { name: "HMAC", hash: "SHA-256" };
const webKey = () => webcrypto.subtle.importKey("raw", randomBytes(32), hmac, false, ["sign", "verify"]);
const uuid = "0190b5f0-7b1a-7c3e-8f00-00000000002a";

export const cases: Readonly<Record<string, Case>> = {
  [raw]: {
    unit: raw,
    async prepare() {
      const key = createSecretKey(randomBytes(32));
      return () => createHmac("sha256", key).update(message).digest("base64url");
    },
  },
  "the same with digest() as a Buffer": {
    unit: raw,
    async prepare() {
      const key = createSecretKey(randomBytes(32));
      return () => createHmac("sha256", key).update(message).digest();
    },
  },
  [verifyNode]: { unit: raw, prepare: async () => (await signed("node", "integer", 123_456)).good },
  "the same with a UUID": { unit: raw, prepare: async () => (await signed("node", "uuid", uuid)).good },
  "the same with a text": {
    unit: raw,
    prepare: async () => (await signed("node", "text", "user-123456")).good,
  },
  "a token of the wrong form refused": {
    unit: raw,
    prepare: async () => (await signed("node", "integer", 123_456)).malformed,
  },
  "a forged token refused": {
    unit: raw,
    prepare: async () => (await signed("node", "integer", 123_456)).forged,
  },
  [make]: { unit: raw, prepare: async () => (await signed("node", "integer", 123_456)).make },
  [mailQuota]: { unit: raw, prepare: async () => (await signed("node", "integer", 123_456)).mayMail },
  "a Django token verified here": {
    unit: raw,
    async prepare() {
      const library = await load("node");
      return (await look(library, library.djangoTokens({ secretKey: secret }), 123_456)).good;
    },
  },
  [jose]: {
    unit: raw,
    async prepare() {
      const key = await webKey();
      const claims = new SignJWT({ sub: "123456", purpose: "password-reset" });
      const head = claims.setProtectedHeader({ alg: "HS256" }).setIssuedAt().setExpirationTime("1h");
      const token = await head.sign(key);
      return () => jwtVerify(token, key, { algorithms: ["HS256"] });
    },
  },
  [rawWeb]: {
    unit: rawWeb,
    async prepare() {
      const key = await webKey();
      return () => webcrypto.subtle.sign("HMAC", key, message);
    },
  },
  [verifyWeb]: { unit: rawWeb, prepare: async () => (await signed("web", "integer", 123_456)).good },
};

async function signed(runtime: Runtime, ids: "integer" | "uuid" | "text", id: UserId) {
  const library = await load(runtime);
  return look(library, library.signedTokens({ ids }), id);
}

/** A strategy at work on one account. Each call says whether it went as it should, so that nothing else is timed. */
async function look(library: Library, strategy: TokenStrategy, id: UserId) {
  const context: StrategyContext = {
    keys: library.createKeyring(secret),
    tokens: undefined,
    counters: library.memoryStore().counters,
    lifetime,
    maxLive: 3,
    log: { info() {}, warn() {}, error() {} },
  };
  const connected = strategy.connect(context);
  const password =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
  const email = "ada@example.com";
  const user = { id, password, email, lastLogin: null };
  const account: Account = { user, id, scope: "", state: [password, email, true], address: email };
  const accounts = { byId: async () => account, idsOf: async () => [account.id] };
  const order: TokenOrder = { account, now, lifetime, request: {}, force: true };
  const mailQuota = library.createMailQuota(context, "signed");
  const make = async () => {
    const issued = await connected.issue(order);
    if (issued === "over_cap") throw new Error("over the cap");
    return issued.token;
  };
  const expecting = (token: string, isGood: boolean) => {
    const presented = { token, scope: "", now };
    return async () => {
      const claim = await connected.verify(presented, accounts);
      if ((claim !== null) !== isGood) throw new Error("The bench measures what does not work.");
    };
  };
  const token = await make();
  const forged = token.slice(0, 12) + (token[12] === "A" ? "B" : "A") + token.slice(13);
  return {
    make,
    mayMail: () => mailQuota(order),
    good: expecting(token, true),
    malformed: expecting(`${token}!`, false),
    forged: expecting(forged, false),
  };
}

type Runtime = "node" | "web";

const bundleOf = (runtime: Runtime) => resolve(`bench/dist/bundle-${runtime}.mjs`);

function load(runtime: Runtime): Promise<Library> {
  return import(pathToFileURL(bundleOf(runtime)).href);
}

/** Bundles the library as it was built, for a runtime with `node:crypto` and for one without. */
export async function bundle(): Promise<void> {
  for (const runtime of ["node", "web"] as const) {
    await build({
      stdin: {
        contents: `
          export { createKeyring } from "./dist/crypto/keyring.js";
          export { signedTokens } from "./dist/tokens/signed.js";
          export { createMailQuota } from "./dist/tokens/shared/mail-quota.js";
          export { djangoTokens } from "./dist/tokens/django.js";
          export { memoryStore } from "./dist/stores/memory.js";`,
        resolveDir: process.cwd(),
      },
      bundle: true,
      format: "esm",
      target: "es2022",
      platform: runtime === "node" ? "node" : "browser",
      tsconfigRaw: {},
      outfile: bundleOf(runtime),
    });
  }
}
