import { describe, expect, it, vi } from "vitest";
import { utf8 } from "../../src/crypto/encoding.js";
import { goodPassword, makeKit, people, type Person } from "../kit.js";
import type { Validator } from "../../src/types.js";

const email = "ada@example.com";

/** Confirms a fresh token with a password: what is wrong with it, or nothing. */
async function confirming(validators: readonly Validator<Person>[]) {
  const kit = makeKit({ validators });
  const { token } = await kit.ask(email);
  const confirm = (password: string) =>
    kit.reset.confirm({ token, password }).then(
      () => undefined,
      (error) => error,
    );
  return { ...kit, confirm };
}

describe("a password", () => {
  it.each([
    ["1,024 letters", "a".repeat(1_024)],
    ["512 accented letters", "é".repeat(512)],
    ["256 emoji", "😀".repeat(256)],
  ])("of %s is accepted where no validator objects", async (_, password) => {
    expect(utf8(password)).toHaveLength(1_024);
    const { confirm, passwordOf } = await confirming([]);
    expect(await confirm(password)).toBeUndefined();
    expect(passwordOf(1)).toBe(password);
  });

  it.each([
    ["1,025 letters", "a".repeat(1_025)],
    ["513 accented letters", "é".repeat(513)],
    ["256 emoji and a letter", "😀".repeat(256) + "a"],
  ])("of %s is too long: no validator and no hash gets it", async (_, password) => {
    const validator = vi.fn();
    const { confirm, calls } = await confirming([validator]);
    expect(await confirm(password)).toMatchObject({
      code: "weak_password",
      problems: [
        {
          code: "too_long",
          params: { max: 1_024, unit: "bytes" },
          message: "Use at most 1024 bytes. Accented letters and emoji take several.",
        },
      ],
    });
    expect(validator).not.toHaveBeenCalled();
    expect(calls.setPassword).toBe(0);
  });
});

describe("validators", () => {
  it("report all that is wrong, in their order: as sentences, problems, or lists of both", async () => {
    const { confirm } = await confirming([
      () => "Leave the cat out.",
      () => null,
      async () => ({ code: "too_plain", params: { min: 2 }, message: "Use two words." }),
      () => ["Leave the dog out.", { code: "stale", message: "Use a new one." }],
      () => [],
      () => undefined,
    ]);
    expect(await confirm(goodPassword)).toMatchObject({
      code: "weak_password",
      problems: [
        { code: "refused", message: "Leave the cat out." },
        { code: "too_plain", params: { min: 2 }, message: "Use two words." },
        { code: "refused", message: "Leave the dog out." },
        { code: "stale", message: "Use a new one." },
      ],
    });
  });

  it("that fail are an outage: the log says which one, the token stays good, and nothing shows the password", async () => {
    let isDown = true;
    const { confirm, log, passwordOf } = await confirming([
      () => null,
      async (password) => {
        if (isDown) throw new Error(`the server refused ${password}`);
        return null;
      },
    ]);
    const error = await confirm(goodPassword);
    expect(error).toMatchObject({
      code: "unavailable",
      cause: { name: "validators[1] failed", message: "Error: the server refused [hidden]" },
    });
    expect(log.lines).toEqual([
      "error: confirm() failed: validators[1] failed: Error: the server refused [hidden]",
    ]);
    isDown = false;
    expect(await confirm(goodPassword)).toBeUndefined();
    expect(passwordOf(1)).toBe(goodPassword);
  });

  it("that never answer are given up after four seconds", async () => {
    let begun!: () => void;
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const { confirm, log } = await confirming([() => (begun(), new Promise<never>(() => undefined))]);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const outcome = confirm(goodPassword);
      await isBegun;
      await vi.advanceTimersByTimeAsync(3_999);
      expect(log.lines).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(log.lines).toEqual([
        expect.stringContaining(
          "validators[0] failed: TimeoutError: validators[0] didn't end within 4 seconds",
        ),
      ]);
      expect(await outcome).toMatchObject({ code: "unavailable" });
    } finally {
      vi.useRealTimers();
    }
  });

  it("that are no functions are an error at construction", () => {
    const build = () => makeKit({ validators: [() => null, "length" as never] }, people());
    expect(build).toThrow("validators[1] must be a function: pass functions, such as length({ min: 8 }).");
  });
});
