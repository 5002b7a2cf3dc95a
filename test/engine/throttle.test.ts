import { describe, expect, it, vi } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.js";
import { createThrottles } from "../../src/engine/throttle.js";
import { createHandler } from "../../src/http/handler.js";
import { networkOf } from "../../src/identity/ip.js";
import { memoryStore } from "../../src/stores/memory.js";
import type { Attempt, CounterStore, Stage, Throttle, Throttles } from "../../src/types.js";
import { goodPassword, keptLog, makeKit, secret } from "../kit.js";

const day = 86_400_000;

function setUp(option?: Throttles | "fair" | false, isLocal?: () => boolean) {
  const log = keptLog();
  const { counters } = memoryStore();
  const names = new Set<string>();
  const { charges } = createThrottles(option, {
    keys: createKeyring(secret),
    counters: { ...counters, hit: (name, use) => (names.add(name), counters.hit(name, use)) },
    log,
    ...(isLocal && { isLocal }),
  });
  const now = Date.UTC(2026, 0, 1);
  const charge = async ({ stage, now: at, ...context }: Attempt) => charges[stage]?.(context, at);
  const take = (stage: Stage, ip: string | undefined, at = now) =>
    charge({ stage, ip, now: at }).then(
      () => "in",
      (error) => error.retryAfter as number,
    );
  return { log, charges, charge, take, now, names };
}

describe("in development", () => {
  it.each(["127.0.0.1", "::1", "::ffff:127.0.0.1"])("lets %s in again after a minute", async (ip) => {
    const { take } = setUp(undefined, () => true);
    for (let n = 0; n < 3; n++) expect(await take("request", ip)).toBe("in");
    expect(await take("request", ip)).toBe(60);
    for (let n = 0; n < 4; n++) await take("request", "192.0.2.1");
    expect(await take("request", "192.0.2.1")).toBe(86_400);
  });

  it("lengthens no window that is shorter than a minute", async () => {
    const { take } = setUp({ request: [{ by: "ip", max: 1, per: "10s" }] }, () => true);
    expect(await take("request", "127.0.0.1")).toBe("in");
    expect(await take("request", "127.0.0.1")).toBe(10);
  });

  it("locks a day out where links lead elsewhere, or something came through a proxy", async () => {
    const { take } = setUp(undefined, () => false);
    for (let n = 0; n < 3; n++) await take("request", "127.0.0.1");
    expect(await take("request", "127.0.0.1")).toBe(86_400);
  });

  it("is what the engine finds: links to this computer, outside production, and no forwarded header", async () => {
    const waitOf = async (url: string, forwarded = false) => {
      const { reset } = makeKit({ url, throttles: undefined as never });
      const handler = createHandler(reset, { log: keptLog() });
      const request = (headers: object = {}) =>
        handler(
          new Request("http://localhost:3000/api/password_reset/", {
            method: "POST",
            headers: { "content-type": "application/json", ...headers },
            body: '{"email":"ada@example.com"}',
          }),
          { peer: "127.0.0.1" },
        );
      if (forwarded) await request({ "x-forwarded-for": "192.0.2.9" });
      for (let n = 0; n < 3; n++) await request();
      const answer = await request();
      return [
        Number(answer.headers.get("retry-after")),
        ((await answer.json()) as { detail: string }).detail,
      ];
    };
    expect(await waitOf("http://localhost:3000/reset/{token}")).toEqual([
      60,
      expect.stringMatching(/1 minute|60 seconds/),
    ]);
    expect(await waitOf("https://example.com/reset/{token}")).toEqual([
      86_400,
      expect.stringContaining("24 hours"),
    ]);
    expect((await waitOf("http://localhost:3000/reset/{token}", true))[0]).toBe(86_400);
    vi.stubEnv("NODE_ENV", "production");
    expect((await waitOf("http://localhost:3000/reset/{token}"))[0]).toBe(86_400);
    vi.unstubAllEnvs();
  });
});

describe("the default", () => {
  it("lets three requests a day through for one address, and says how long to wait", async () => {
    const { take, now } = setUp();
    expect(await take("request", "192.0.2.1", now)).toBe("in");
    expect(await take("request", "192.0.2.1", now + 1_500)).toBe("in");
    expect(await take("request", "192.0.2.1", now + 2_000)).toBe("in");
    expect(await take("request", "192.0.2.1", now + 2_001)).toBe(86_398);
    expect(await take("request", "192.0.2.2", now)).toBe("in");
    expect(await take("request", "192.0.2.1", now + day)).toBe("in");
  });
});

describe("guesses", () => {
  it.each([
    ["by default", undefined],
    ["with fair limits", "fair"],
  ] as const)("may fail thirty times an hour, on validate and confirm together: %s", async (_, option) => {
    const { take } = setUp(option);
    for (let n = 0; n < 15; n++) {
      for (const stage of ["validate", "confirm"] as const) expect(await take(stage, "192.0.2.1")).toBe("in");
    }
    expect(await take("validate", "192.0.2.1")).toBe(3_600);
    expect(await take("confirm", "192.0.2.1")).toBe(3_600);
  });
});

describe("a throttle", () => {
  it("lets exactly its number through when 200 come at once", async () => {
    const { take } = setUp({ confirm: [{ by: "ip", max: 7, per: "1m" }] });
    const all = await Promise.all(Array.from({ length: 200 }, () => take("confirm", "192.0.2.1")));
    expect(all.filter((answer) => answer === "in")).toHaveLength(7);
  });

  it("counts a /64 of IPv6 as one visitor, and an IPv4 address however it is written", async () => {
    const { take } = setUp({ request: [{ by: "ip", max: 1, per: "1m" }] });
    expect(await take("request", "2001:db8:1:2::1")).toBe("in");
    expect(await take("request", "2001:0db8:0001:0002:ffff:0:0:9")).not.toBe("in");
    expect(await take("request", "2001:db8:1:3::1")).toBe("in");
    expect(await take("request", "192.0.2.1")).toBe("in");
    expect(await take("request", "::ffff:192.0.2.1")).not.toBe("in");
  });

  it("is skipped, with one warning, where no address is known", async () => {
    const { take, log } = setUp();
    for (let n = 0; n < 10; n++) expect(await take("request", undefined)).toBe("in");
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(/^warn: .*Pass \{ ip \} in the context/);
  });

  it("takes a success back", async () => {
    const { charge, take, now } = setUp({ confirm: [{ by: "ip", max: 2, per: "1m" }] });
    for (let n = 0; n < 9; n++) await (await charge({ stage: "confirm", ip: "192.0.2.1", now }))!.giveBack();
    expect(await take("confirm", "192.0.2.1")).toBe("in");
    expect(await take("confirm", "192.0.2.1")).toBe("in");
    expect(await take("confirm", "192.0.2.1")).toBe(60);
  });

  it("may count by what a function says, or be an object of one's own", async () => {
    const own: Throttle = { take: ({ userAgent }) => (userAgent === "robot" ? { retryAfter: 9.2 } : null) };
    const { charge, now } = setUp({
      validate: [own, { by: ({ data }) => data as string, max: 1, per: "1m" }],
    });
    await expect(charge({ stage: "validate", userAgent: "robot", now })).rejects.toMatchObject({
      retryAfter: 10,
    });
    await charge({ stage: "validate", data: "a", now });
    await charge({ stage: "validate", data: "b", now });
    await charge({ stage: "validate", now });
    await charge({ stage: "validate", now });
    await expect(charge({ stage: "validate", data: "a", now })).rejects.toMatchObject({ code: "throttled" });
  });

  it("counts by itself, whatever the other stages and the other throttles of its stage count", async () => {
    const { take, now } = setUp({
      request: [
        { by: "ip", max: 2, per: "1m" },
        { by: "ip", max: 3, per: "1h" },
      ],
      confirm: [{ by: "ip", max: 1, per: "1m" }],
    });
    expect(await take("request", "192.0.2.1")).toBe("in");
    expect(await take("request", "192.0.2.1")).toBe("in");
    expect(await take("request", "192.0.2.1")).toBe(60);
    expect(await take("confirm", "192.0.2.1")).toBe("in");
    expect(await take("confirm", "192.0.2.1")).toBe(60);
    expect(await take("request", "192.0.2.1", now + 60_000)).toBe("in");
    expect(await take("request", "192.0.2.1", now + 60_000)).toBe(3_540);
  });

  it("of one's own needs no giveBack", async () => {
    const own: Throttle = { take: () => null };
    const kit = makeKit({ throttles: { request: [own], validate: [own], confirm: [own] } });
    const { token } = await kit.ask("ada@example.com");
    expect(await kit.reset.validate({ token })).toBe(true);
    await kit.reset.confirm({ token, password: goodPassword });
    expect(kit.passwordOf(1)).toBe(goodPassword);
  });

  it("of one's own that fails is an outage, which the log names and the other throttles don't count", async () => {
    let isDown = true;
    const own: Throttle = {
      take: async () => {
        if (isDown) throw new Error("connection refused");
        return null;
      },
    };
    const kit = makeKit({ throttles: { request: [{ by: "ip", max: 1, per: "1h" }, own] } });
    const request = () => kit.reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.1" });
    for (let n = 0; n < 3; n++) await expect(request()).rejects.toMatchObject({ code: "unavailable" });
    expect(new Set(kit.log.lines)).toEqual(
      new Set(["error: request() failed: throttles.request failed: Error: connection refused"]),
    );
    isDown = false;
    await request();
    await expect(request()).rejects.toMatchObject({ code: "throttled" });
  });

  it("that counts after its time limit is refunded then", async () => {
    vi.useFakeTimers();
    try {
      const store = memoryStore();
      let hangs = true;
      let release = () => undefined as void;
      const hit: CounterStore["hit"] = async (...given) => {
        if (hangs) await new Promise<void>((resolve) => (release = resolve));
        return store.counters.hit(...given);
      };
      const kit = makeKit({
        store: { ...store, counters: { ...store.counters, hit } },
        throttles: { request: [{ by: "ip", max: 1, per: "1h" }] },
      });
      const request = () => kit.reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.1" });
      const late = expect(request()).rejects.toMatchObject({ code: "unavailable" });
      await vi.advanceTimersByTimeAsync(10_000);
      await late;
      hangs = false;
      release();
      await vi.advanceTimersByTimeAsync(1);
      await request();
      await expect(request()).rejects.toMatchObject({ code: "throttled" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("counts under the same names in every version, so that two of them count together during a deployment", async () => {
    const { take, names } = setUp();
    await take("request", "192.0.2.1");
    await take("validate", "192.0.2.1");
    await take("confirm", "192.0.2.1");
    expect([...names]).toEqual([
      "throttle.yw502YMQzpOdzkb3A5M82A",
      // Of guesses: validate and confirm together.
      "throttle.0qCfIqgrGo_fZjuzk1CPZQ",
    ]);
  });

  it("can be switched off", async () => {
    const { take } = setUp(false);
    for (let n = 0; n < 20; n++) expect(await take("request", "192.0.2.1")).toBe("in");
  });

  it.each([
    [{ requests: [] }, 'throttles has no option "requests". Did you mean "request"?'],
    [{ request: [{ by: "ip", max: 0, per: "1m" }] }, "throttles.request[0].max is 0. Pass an integer from 1"],
    [{ request: [{ by: "ip", max: 1, per: "soon" }] }, 'Use a number and a unit, such as "15m"'],
    [
      { request: [{ by: "address", max: 1, per: "1m" }] },
      'throttles.request[0].by must be a function: use "ip", or a function of the attempt.',
    ],
    [
      { confirm: [{ take: () => null }, { take: 5 }] },
      "throttles.confirm[1].take must be a function: pass a function that counts an attempt.",
    ],
  ])("that is written wrongly is refused: %j", (option, sentence) => {
    expect(() => setUp(option as any)).toThrow(sentence);
  });
});

describe("who a visitor is", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:0201", "192.0.2.1"],
    ["0:0:0:0:0:ffff:c000:201", "192.0.2.1"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["2001:DB8::5", "2001:db8:0:0::/64"],
    ["2001:db8:0:0:1:2:3:4", "2001:db8:0:0::/64"],
  ])("%s counts as %s", (ip, visitor) => {
    expect(networkOf(ip)).toBe(visitor);
  });
});
