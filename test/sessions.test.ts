import { jwtVerify, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { credentialVersion, isCurrentCredential } from "resetkit/sessions";
import { goodPassword, makeKit, secret } from "./kit.js";

describe("the version of an account's credentials", () => {
  const other = `${secret} another`;

  it("is the same for one hash and secret, and another for every other", async () => {
    const version = await credentialVersion("$argon2id$…", secret);
    expect(version).toMatch(/^[\w-]{22}$/);
    expect(await credentialVersion("$argon2id$…", secret)).toBe(version);
    for (const [hash, key] of [
      ["$argon2id$… ", secret],
      [null, secret],
      ["", secret],
      ["$argon2id$…", other],
    ] as const) {
      expect(await credentialVersion(hash, key)).not.toBe(version);
      expect(await isCurrentCredential(version, hash, key)).toBe(false);
    }
    expect(await isCurrentCredential(version, "$argon2id$…", secret)).toBe(true);
  });

  it("matches with any secret of a list, so that a new secret signs no one out", async () => {
    const version = await credentialVersion("hash", secret);
    expect(await isCurrentCredential(version, "hash", [other, secret])).toBe(true);
    expect(await isCurrentCredential(version, "hash", [other])).toBe(false);
  });

  it.each([undefined, null, "", 7, [], {}, "é".repeat(22)])(
    "doesn't match %j, which a JWT may carry",
    async (version) => expect(await isCurrentCredential(version, "hash", secret)).toBe(false),
  );

  it("refuses a secret that could be guessed, and what isn't a hash", async () => {
    expect(() => credentialVersion("hash", "short")).toThrow(/32 is the minimum/);
    await expect(credentialVersion(undefined as never, secret)).rejects.toThrow(/type undefined/);
    await expect(isCurrentCredential("x", 7 as never, secret)).rejects.toThrow(TypeError);
  });
});

describe("A121: a JWT from before a reset", () => {
  const key = new TextEncoder().encode(secret);
  const issue = async (hash: string) =>
    new SignJWT({ credentialVersion: await credentialVersion(hash, secret) })
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("15m")
      .sign(key);
  const isSignedIn = async (jwt: string, hash: string) => {
    const { payload } = await jwtVerify(jwt, key, { algorithms: ["HS256"] });
    return isCurrentCredential(payload.credentialVersion, hash, secret);
  };

  it("ends with it, also if it was issued from a row that was read before", async () => {
    const { reset, ask, byId } = makeKit();
    const hash = () => byId.get(1)!.passwordHash;
    const early = await issue(hash());
    // A sign-in that verified the old hash, and issues its JWT once the reset is done.
    const row = { ...byId.get(1)! };
    const { token } = await ask("ada@example.com");
    expect(await isSignedIn(early, hash())).toBe(true);
    await reset.confirm({ token, password: goodPassword });
    const late = await issue(row.passwordHash);
    for (const jwt of [early, late]) expect(await isSignedIn(jwt, hash())).toBe(false);
    expect(await isSignedIn(await issue(hash()), hash())).toBe(true);
  });
});
