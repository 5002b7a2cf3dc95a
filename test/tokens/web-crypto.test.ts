/**
 * The tokens as they are on Workers: the same suite, with the other twin of the cryptography behind `#crypto`.
 */
import { describe, expect, it, vi } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.js";
import { memoryStore } from "resetkit/stores/memory";
import { strategySuite } from "resetkit/testing";
import { djangoTokens } from "resetkit/tokens/django";
import { signedTokens } from "resetkit/tokens/signed";
import { storedTokens } from "resetkit/tokens/stored";
import { accountOf, connect, issue, knownToken, secrets } from "./bench.js";

vi.mock("#crypto", () => import("../../src/crypto/web.js"));

const runner = { describe, it };
const secretKey = "a secret key of a Django site: 0123456789abcdef";

describe("on Web Crypto", () => {
  it("MACs are promises (control: this is the other twin)", () => {
    expect(createKeyring(secrets[0]).mac(0, "signed", [])).toBeInstanceOf(Promise);
  });

  it("a signed token is the one that Node makes", async () => {
    expect((await issue(connect(signedTokens()), accountOf("ada"))).token).toBe(knownToken);
  });

  it("Django's tokens of a hash that is missing are refused at construction", () => {
    expect(() => djangoTokens({ secretKey, algorithm: "md5" })).toThrow(
      "Run on Node, or leave djangoTokens() out",
    );
    expect(() => djangoTokens({ secretKey, algorithm: "sha384" })).not.toThrow();
  });

  strategySuite(runner, "stored tokens", () => ({ strategy: storedTokens(), ...memoryStore() }));
  strategySuite(runner, "signed tokens", () => ({ strategy: signedTokens(), ...memoryStore() }));
  strategySuite(
    runner,
    "Django's tokens",
    () => ({ strategy: djangoTokens({ secretKey }), ...memoryStore() }),
    { lacks: ["state", "scope", "secret"] },
  );
});
