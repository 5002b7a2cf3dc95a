/** The second factor of a confirm: how many answers are tried, whose attempts they are, and what costs nothing. */
import { describe, expect, it } from "vitest";
// Named here so that it's loaded before the first test: the engine loads it when it's first needed.
import "../../src/engine/second-factor.js";
import { ResetError } from "../../src/errors.js";
import { memoryStore } from "../../src/stores/memory.js";
import type { ResetOptions, SecondFactor, Store } from "../../src/types.js";
import { goodPassword, makeKit, people, type Person } from "../kit.js";

const [ada, grace] = ["ada@example.com", "grace@example.com"];
const password = goodPassword;
const day = 86_400_000;

/** Two accounts, an answer that's right, and what was asked. */
function setUp(given: Partial<SecondFactor<Person>> = {}, options: Partial<ResetOptions<Person>> = {}) {
  const asked: string[] = [];
  const secondFactor: SecondFactor<Person> = {
    required: () => true,
    verify: (_, answer) => (asked.push(answer), answer === "right"),
    ...given,
  };
  const kit = makeKit({ secondFactor, maxLive: 20, ...options }, people(ada, grace));
  const codeOf = (token: string, answer?: string): Promise<string> =>
    kit.reset.confirm({ token, password, secondFactor: answer }).then(
      () => "changed",
      ({ code }) => code,
    );
  /** The codes of as many wrong answers. */
  const wrong = async (token: string, times: number) => {
    const codes: string[] = [];
    for (let n = 0; n < times; n++) codes.push(await codeOf(token, `wrong ${n}`));
    return codes;
  };
  return { ...kit, kit, asked, codeOf, wrong };
}

/** A store that adds up what each counter was charged. */
function countingStore() {
  const store = memoryStore();
  const charged = new Map<string, number>();
  const hit: Store["counters"]["hit"] = (name, how) => {
    charged.set(name, (charged.get(name) ?? 0) + (how.by ?? 1));
    return store.counters.hit(name, how);
  };
  return { store: { ...store, counters: { ...store.counters, hit } }, charged };
}

const five = Array.from({ length: 5 }, () => "second_factor");

describe("answers of a second factor", () => {
  it("that are wrong count, five for a token and ten for an account, and then aren't looked at", async () => {
    const { kit, wrong, asked, codeOf } = setUp();
    const tokens: string[] = [];
    for (let n = 0; n < 3; n++) tokens.push((await kit.ask(ada)).token);
    expect(await wrong(tokens[0]!, 6)).toEqual([...five, "throttled"]);
    expect(await codeOf(tokens[0]!, "right")).toBe("throttled");
    expect(await wrong(tokens[1]!, 6)).toEqual([...five, "throttled"]);
    expect(await codeOf(tokens[2]!, "right")).toBe("throttled");
    expect(asked).toHaveLength(10);
    expect(kit.passwordOf(1)).toBe("old-Passw0rd!");
  });

  it("that are wrong say when the next is looked at: a day after the first", async () => {
    const { kit, wrong, clock, codeOf } = setUp();
    const { token } = await kit.ask(ada);
    await wrong(token, 1);
    clock.now += 1_500;
    await wrong(token, 4);
    const refused = kit.reset.confirm({ token, password, secondFactor: "right" });
    await expect(refused).rejects.toMatchObject({ code: "throttled", retryAfter: day / 1_000 - 1 });
    clock.now += day - 1_500;
    const later = await kit.ask(ada);
    expect(await codeOf(later.token, "right")).toBe("changed");
  });

  it("of one account take nothing from another, or from the same id of another tenant", async () => {
    const { kit, wrong, codeOf, mails } = setUp();
    for (let n = 0; n < 2; n++) await wrong((await kit.ask(ada)).token, 5);
    expect(await codeOf((await kit.ask(ada)).token, "right")).toBe("throttled");
    expect(await codeOf((await kit.ask(grace)).token, "right")).toBe("changed");
    await kit.reset.request({ identifier: ada }, { scope: "acme" });
    await kit.reset.drain();
    const { token } = mails.at(-1) as { token: string };
    await kit.reset.confirm({ token, password, secondFactor: "right" }, { scope: "acme" });
    expect(kit.passwordOf(1)).toBe(password);
  });

  it("that are right give everything back, and so does one that's missing", async () => {
    const { store, charged } = countingStore();
    const { kit, codeOf } = setUp({}, { store });
    const { token } = await kit.ask(ada);
    charged.clear();
    expect(await codeOf(token)).toBe("second_factor");
    expect([...charged.keys()]).toEqual([]);
    // What comes after the second factor has counters of its own.
    const atTheHash: number[] = [];
    kit.users.hashPassword = (text) => (atTheHash.push(...charged.values()), text);
    expect(await codeOf(token, "right")).toBe("changed");
    expect(atTheHash).toEqual([0, 0]);
  });

  it("that are refused unseen give back what they were charged", async () => {
    const { store, charged } = countingStore();
    const { kit, wrong } = setUp({}, { store });
    const { token } = await kit.ask(ada);
    await wrong(token, 5);
    charged.clear();
    expect(await wrong(token, 3)).toEqual(["throttled", "throttled", "throttled"]);
    expect([...charged.values()]).toEqual([0]);
  });

  it("aren't asked of an account that has no second factor", async () => {
    const { kit, asked, codeOf } = setUp({ required: (user) => user.email === grace });
    expect(await codeOf((await kit.ask(ada)).token)).toBe("changed");
    expect(await codeOf((await kit.ask(grace)).token)).toBe("second_factor");
    expect(asked).toEqual([]);
  });

  it.each([undefined, null, 0, "yes"])("are asked unless `required` returns false: %j", async (answer) => {
    const { kit, codeOf } = setUp({ required: () => answer as never });
    expect(await codeOf((await kit.ask(ada)).token)).toBe("second_factor");
  });

  it.each([undefined, 1, "yes", {}])("are right only if `verify` returns true: %j", async (answer) => {
    const { kit, codeOf } = setUp({ verify: () => answer as never });
    expect(await codeOf((await kit.ask(ada)).token, "right")).toBe("second_factor");
    expect(kit.passwordOf(1)).toBe("old-Passw0rd!");
  });
});

describe("a second factor that fails", () => {
  it("is an outage by name, which shows no answer and costs no attempt", async () => {
    let isDown = true;
    const { kit, codeOf, log } = setUp({
      verify: (_, answer) => (isDown ? Promise.reject(new Error(`no answer to ${answer}`)) : true),
    });
    const { token } = await kit.ask(ada);
    for (let n = 0; n < 12; n++) {
      const failed = kit.reset.confirm({ token, password, secondFactor: "123456" });
      await expect(failed).rejects.toMatchObject({
        code: "unavailable",
        cause: { name: "secondFactor.verify failed", message: "Error: no answer to [hidden]" },
      });
    }
    expect(new Set(log.lines)).toEqual(
      new Set(["error: confirm() failed: secondFactor.verify failed: Error: no answer to [hidden]"]),
    );
    isDown = false;
    expect(await codeOf(token, "123456")).toBe("changed");
  });

  it("costs no attempt either if the account's counter can't be reached after the token's was charged", async () => {
    const { store, charged } = countingStore();
    let calls = 0;
    let isDown = false;
    const hit: Store["counters"]["hit"] = (name, how) =>
      isDown && ++calls === 2 ? Promise.reject(new Error("ECONNREFUSED")) : store.counters.hit(name, how);
    const { kit, codeOf } = setUp({}, { store: { ...store, counters: { ...store.counters, hit } } });
    const { token } = await kit.ask(ada);
    charged.clear();
    isDown = true;
    expect(await codeOf(token, "right")).toBe("unavailable");
    expect(calls).toBe(3);
    expect([...charged.values()]).toEqual([0]);
    isDown = false;
    expect(await codeOf(token, "right")).toBe("changed");
  });

  it("is an outage by name if it can't say whether an account has one", async () => {
    const { kit, codeOf, log } = setUp({ required: () => Promise.reject(new Error("down")) });
    expect(await codeOf((await kit.ask(ada)).token, "right")).toBe("unavailable");
    expect(log.lines).toEqual(["error: confirm() failed: secondFactor.required failed: Error: down"]);
    expect(kit.passwordOf(1)).toBe("old-Passw0rd!");
  });
});

describe("a listener of beforeReset", () => {
  const listening = (error: () => Error) => {
    const found = setUp({ required: () => false });
    found.reset.on("beforeReset", () => {
      throw error();
    });
    return found;
  };

  it.each([
    ["second_factor", () => new ResetError("second_factor")],
    ["vetoed", () => new ResetError("vetoed")],
    ["vetoed", () => new Error("the answer is wrong")],
  ])("that refuses may be asked five times, since it may check a second factor: %s", async (code, error) => {
    const { kit, codeOf } = listening(error);
    const { token } = await kit.ask(ada);
    const codes = [];
    for (let n = 0; n < 6; n++) codes.push(await codeOf(token));
    expect(codes).toEqual([...Array.from({ length: 5 }, () => code), "throttled"]);
  });

  it("that is in trouble may be asked again and again", async () => {
    const { kit, codeOf } = listening(() => new ResetError("unavailable", { retryAfter: 5 }));
    const { token } = await kit.ask(ada);
    for (let n = 0; n < 12; n++) expect(await codeOf(token)).toBe("unavailable");
  });

  it("is asked after the second factor, and not if its answer is wrong", async () => {
    const { kit, codeOf, asked } = setUp();
    kit.reset.on("beforeReset", () => void asked.push("listener"));
    const { token } = await kit.ask(ada);
    await codeOf(token, "wrong");
    await codeOf(token, "right");
    expect(asked).toEqual(["wrong", "right", "listener"]);
  });
});
