import { describe, expect, it } from "vitest";
import { byEmail } from "resetkit/delivery/email";
import type { Mail } from "resetkit/delivery/mail";
import { createHandler } from "resetkit/http";
import type { ResetOptions } from "resetkit/types";
import { utf8 } from "../../src/crypto/encoding.js";
import { makeKit, people, type Person } from "../kit.js";

// A limit holds for the whole of what it protects, and nobody else can use it up.

const day = 86_400_000;

function limited(throttles: ResetOptions<Person>["throttles"] = undefined as never) {
  const kit = makeKit({ throttles });
  const ask = (identifier: string, ip: string, scope?: string) =>
    kit.reset.request({ identifier }, { ip, scope }).then(
      () => true,
      ({ code }) => code as string,
    );
  const taken = async (requests: [identifier: string, ip: string, scope?: string][]) => {
    let count = 0;
    for (const request of requests) if ((await ask(...request)) === true) count++;
    return count;
  };
  return { ...kit, attempt: ask, taken };
}

const times = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("the limits on the whole", () => {
  it("A52: a /48 has four times as many requests as a /64, whatever its spelling (CVE-2026-45364)", async () => {
    const { taken } = limited();
    const all = times(60).map((n): [string, string] => [
      `x${n}@example.com`,
      `2001:db8:77:${n.toString(16)}::1`,
    ]);
    expect(await taken(all)).toBe(12);
    // Control: another /48, and IPv4, have their own.
    expect(await taken(times(5).map((n) => [`y${n}@example.com`, "2001:DB8:78:0:0::1%eth0"]))).toBe(3);
    expect(await taken(times(5).map((n) => [`y${n}@example.com`, "::ffff:192.0.2.1"]))).toBe(3);
  });

  it("X01: a scope that the client chooses buys no further requests", async () => {
    const { taken } = limited();
    expect(await taken(times(20).map((n) => ["ada@example.com", "192.0.2.1", `tenant-${n}`]))).toBe(3);
    const { taken: byKey } = limited({ request: [{ by: ({ ip }) => ip, max: 2, per: "1h" }] });
    expect(await byKey(times(20).map((n) => ["ada@example.com", "192.0.2.1", `tenant-${n}`]))).toBe(2);
  });

  it("A55: with fair limits, sixty requests from an owner's address don't refuse the owner", async () => {
    const { attempt, taken } = limited("fair");
    expect(await taken(times(60).map((n) => [`x${n}@example.com`, "192.0.2.1"]))).toBe(60);
    expect(await attempt("ada@example.com", "192.0.2.1")).toBe(true);
    // A flood is refused, by address and by what it asks for.
    expect(await taken(times(200).map((n) => [`y${n}@example.com`, "192.0.2.1"]))).toBe(59);
    expect(
      await taken(times(20).map((n) => [n % 2 ? "GRACE@example.com" : "grace@example.com", "192.0.2.2"])),
    ).toBe(5);
    expect(
      await taken(times(600).map((n) => [`z${n}@example.com`, `2001:db8:1:${(n % 90).toString(16)}::1`])),
    ).toBe(480);
  });

  it("A76: many accounts behind one mailbox bring it at most twelve emails a day", async () => {
    const crowd = people(...times(25).map(() => "victim@example.com"));
    const { reset, mails, clock } = makeKit({}, crowd);
    for (let n = 0; n < 4; n++) {
      await reset.request({ identifier: "victim@example.com" });
      await reset.drain();
    }
    expect(mails).toHaveLength(12);
    clock.now += day;
    await reset.request({ identifier: "victim@example.com" });
    await reset.drain();
    expect(mails.length).toBeGreaterThan(12);
    // The application's own invitations aren't held back by what others requested.
    const before = mails.length;
    await reset.issueFor(crowd.byId.get(20)!, { wait: true });
    expect(mails).toHaveLength(before + 1);
  });

  it("A76: an email that the transport refused doesn't count", async () => {
    let isDown = true;
    const sent: unknown[] = [];
    const deliver = (message: unknown) => {
      if (isDown) throw new Error("ECONNREFUSED");
      sent.push(message);
    };
    const { reset, clock } = makeKit({ deliver, maxLive: 1 });
    await reset.request({ identifier: "ada@example.com" });
    for (let n = 0; n < 8; n++) {
      await reset.drain();
      // The longest pause between two attempts is ten minutes, give or take a fifth.
      clock.now += 720_000;
    }
    isDown = false;
    await reset.drain();
    expect(sent).toHaveLength(1);
  });
});

describe("a form of another site", () => {
  const handlerWith = (origins?: string[]) => {
    const kit = makeKit({ throttles: undefined as never });
    const handler = createHandler(kit.reset, { origins, log: kit.log });
    const send = async (headers: Record<string, string>, body = "email=ada@example.com", method = "POST") => {
      const all: Record<string, string> = {
        "content-type": "application/x-www-form-urlencoded",
        host: "app.example.com",
        ...headers,
      };
      return (await handler.plain({
        ...{ method, path: "/api/password_reset/", query: "", ip: "192.0.2.1" },
        header: (name) => all[name],
        body: () => ({ kind: "bytes", bytes: utf8(body) }),
      }))!;
    };
    return { send };
  };
  const multipart = { "content-type": "multipart/form-data; boundary=b" };
  const text = { "content-type": "text/plain" };

  it.each<[string, Record<string, string>]>([
    ["cross-site", { "sec-fetch-site": "cross-site", origin: "https://evil.test" }],
    ["same-site", { "sec-fetch-site": "same-site", origin: "https://blog.example.com" }],
    ["without Sec-Fetch-Site", { origin: "https://evil.test" }],
    ["of a sandboxed frame", { origin: "null" }],
    ["multipart", { "sec-fetch-site": "cross-site", ...multipart }],
    ["text", { "sec-fetch-site": "cross-site", ...text }],
    ["without a type", { "sec-fetch-site": "cross-site", "content-type": "" }],
  ])("A111: is refused and uses nothing up: %s", async (_, headers) => {
    const { send } = handlerWith();
    for (let n = 0; n < 5; n++) {
      const { status, body } = await send(headers);
      expect([status, body]).toEqual([403, expect.stringContaining("another site")]);
    }
    // Control: the client's own three requests are there.
    for (let n = 0; n < 3; n++) expect((await send({ "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect((await send({ "sec-fetch-site": "same-origin" })).status).toBe(429);
  });

  it.each<[string, Record<string, string>]>([
    ["of the site itself", { "sec-fetch-site": "same-origin" }],
    ["of the site, in an old browser", { origin: "https://app.example.com" }],
    ["of a program", {}],
  ])("is accepted: %s", async (_, headers) => {
    expect((await handlerWith().send(headers)).status).toBe(200);
  });

  it("is accepted from a listed origin, whose scripts may read responses", async () => {
    const { send } = handlerWith(["https://shop.example.com"]);
    const from = { origin: "https://shop.example.com", "sec-fetch-site": "cross-site" };
    const answer = await send(from);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": "https://shop.example.com",
      vary: "Accept, Origin",
    });
    const preflight = await send({ ...from, "access-control-request-method": "POST" }, "", "OPTIONS");
    expect([preflight.status, preflight.body]).toEqual([204, ""]);
    expect(preflight.headers["access-control-allow-headers"]).toBe("content-type, accept, reset-flow");
    const other = await send({ ...from, origin: "https://evil.test" });
    expect(other.status).toBe(403);
    expect(other.headers).not.toHaveProperty("access-control-allow-origin");
  });

  it("A117: JSON from elsewhere is processed, and its response is for nobody else", async () => {
    const { send } = handlerWith(["https://shop.example.com"]);
    const headers = {
      "content-type": "application/json",
      origin: "https://evil.test",
      "sec-fetch-site": "cross-site",
    };
    const { status, headers: answered } = await send(headers, '{"email":"ada@example.com"}');
    expect(status).toBe(200);
    expect(Object.keys(answered).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  it.each([["https://shop.example.com/"], ["shop.example.com"], ["*"], ["null"], [1]])(
    "an origin that isn't one is an error at construction: %j",
    (origin) => {
      expect(() => handlerWith([origin as string])).toThrow(/origins has .* which isn't an origin/);
    },
  );
});

describe("A114: a name in the greeting", () => {
  const greetingOf = async (name: string) => {
    const mails: Mail[] = [];
    const kit = makeKit({
      deliver: byEmail<Person>({
        transport: { sendMail: (mail) => void mails.push(mail) },
        from: "Example <no-reply@example.com>",
        nameOf: () => name,
      }),
    });
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.drain();
    return mails[0]!.text.split("\n")[0];
  };

  it.each([
    "Account blocked, call 0800 1234 5678 now",
    "Your account is locked - phone 030 123 456 today",
    "Call +49-30-12-34 now",
    "ring 112233",
    "Your account is locked please write us",
    "Blocked! Write us",
    "Is this you?",
    "evil.test",
    "evil\u2024test",
    "www evil\u3002test",
    "call \u0660\u0668\u0660\u0660",
  ])("that speaks for the site is left out: %s", async (name) => {
    expect(await greetingOf(name)).toBe("Hi there,");
  });

  it.each([
    "Ada",
    "ada lovelace",
    "Maria da Silva dos Santos",
    "Ludwig van Beethoven 2nd",
    "O'Brien-Smith Jr.",
    "山田 太郎",
  ])("that is one stays: %s", async (name) => {
    expect(await greetingOf(name)).toBe(`Hi ${name},`);
  });
});
