/**
 * Two schemes that were proposed on django-developers in June 2008, and how each is forged: both join their
 * fields bare, so that a digit can move from one field to the next under the same hash.
 */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { canonicalBytes } from "../../src/crypto/canonical.js";
import { signedTokens } from "resetkit/tokens/signed";
import { accountOf, connect, day, issue, look } from "./bench.js";

const secret = "the site's SECRET_KEY";
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** `https://example.com/reset/1214612777-34-7127f8…`: time, user id, md5 of time + id + secret; good for a day. */
const withTime = {
  make: (seconds: number, id: number) => `${seconds}-${id}-${md5(`${seconds}${id}${secret}`)}`,
  check(link: string, now: number): number | null {
    const [seconds, id, hash] = link.split("-") as [string, string, string];
    if (hash !== md5(`${seconds}${id}${secret}`)) return null;
    return now - Number(seconds) < 86_400 ? Number(id) : null;
  },
};

/** `/recover/{username}/{days}/{hash}`: hexadecimal days since 2000, md5 of secret + days + name; good for a week. */
const withDays = {
  make: (name: string, days: number) =>
    `${name}/${days.toString(16)}/${md5(secret + days.toString(16) + name)}`,
  check(link: string, today: number): string | null {
    const [name, days, hash] = link.split("/") as [string, string, string];
    if (hash !== md5(secret + days + name)) return null;
    return today - Number.parseInt(days, 16) < 7 ? name : null;
  },
};

describe("time, user id and md5", () => {
  it("gives the holder of user 34's link one for user 4 that is good until the year 2354", () => {
    const mine = withTime.make(1_214_612_777, 34);
    expect(withTime.check(mine, 1_214_612_778)).toBe(34);
    const [seconds, id, hash] = mine.split("-") as [string, string, string];
    const forged = `${seconds}${id[0]}-${id.slice(1)}-${hash}`;
    expect(forged).toMatch(/^12146127773-4-/);
    expect(withTime.check(forged, 1_214_612_778)).toBe(4);
    expect(withTime.check(forged, 1_214_612_778 + 300 * 365 * 86_400)).toBe(4);
  });

  it("gives nobody anything in our form: wherever a character moves to, the link is dead", async () => {
    expect(canonicalBytes([1_214_612_777, 34])).not.toEqual(canonicalBytes([12_146_127_773, 4]));
    expect(canonicalBytes(["1214612777", "34"])).not.toEqual(canonicalBytes(["12146127773", "4"]));
    const signed = connect(signedTokens({ ids: "integer" }), { lifetime: day });
    const { token } = await issue(signed, accountOf(34_000));
    expect((await look(signed, token, accountOf(34_000))).claim).not.toBe(null);
    for (const moved of moves(token)) {
      // Whatever id the link names now, the account behind it differs in nothing but the id.
      const { claim } = await look(signed, moved, accountOf(4_000));
      expect(claim ?? (await look(signed, moved, accountOf(34_000))).claim, moved).toBe(null);
    }
  });
});

/** A text with one character moved to any other place. */
function* moves(text: string): Generator<string> {
  for (let from = 0; from < text.length; from++) {
    const rest = text.slice(0, from) + text.slice(from + 1);
    for (let to = 0; to < text.length; to++) {
      const moved = rest.slice(0, to) + text[from]! + rest.slice(to);
      if (moved !== text) yield moved;
    }
  }
}

describe("secret, days and user name", () => {
  it("gives somebody who registers as 1admin a link for admin that is good until the year 2135", () => {
    const mine = withDays.make("1admin", 0xc1d);
    expect(withDays.check(mine, 0xc1d)).toBe("1admin");
    const [name, days, hash] = mine.split("/") as [string, string, string];
    const forged = `${name.slice(1)}/${days}${name[0]}/${hash}`;
    expect(forged).toMatch(/^admin\/c1d1\//);
    expect(withDays.check(forged, 0xc1d)).toBe("admin");
    expect(withDays.check(forged, 0xc1d + 100 * 365)).toBe("admin");
  });

  it("gives 1admin nothing of admin's in our form, though both have the same state and address", async () => {
    const signed = connect(signedTokens(), { lifetime: day });
    const { token } = await issue(signed, accountOf("1admin"));
    expect((await look(signed, token, accountOf("1admin"))).claim).not.toBe(null);
    expect(canonicalBytes(["c1d", "1admin"])).not.toEqual(canonicalBytes(["c1d1", "admin"]));
    const theirs = (await issue(signed, accountOf("admin"))).token;
    expect(theirs.slice(0, 8)).toBe(token.slice(0, 8));
    const [tag, uid] = [token.slice(8, 30), theirs.slice(30)];
    for (const head of [
      token.slice(0, 8),
      ...[2, 3, 4, 5, 6, 7].map((at) => withDigit(token.slice(0, 8), at)),
    ]) {
      expect((await look(signed, head + tag + uid, accountOf("admin"))).claim).toBe(null);
    }
  });

  it("takes any day of the future, and we take none", async () => {
    expect(withDays.check(withDays.make("ada", 0xfffff), 0xc1d)).toBe("ada");
    const signed = connect(signedTokens(), { lifetime: day });
    const { token } = await issue(signed, accountOf("ada"), { now: Date.UTC(2090, 0, 1) });
    expect((await look(signed, token, accountOf("ada"))).claim).toBe(null);
  });
});

/** The 1 that `1admin` has lost, put somewhere into the time. */
function withDigit(head: string, at: number): string {
  return `${head.slice(0, at)}1${head.slice(at)}`.slice(0, 8);
}
