import { describe, expect, it } from "vitest";
import { assertFunction, assertKnownKeys, assertInteger } from "../src/check-options.js";

const known = ["store", "secret", "lifetime", "tokens"];

describe("options", () => {
  it("that are known pass, also none", () => {
    for (const given of [{}, { store: 1 }, { store: undefined, tokens: null }])
      assertKnownKeys(given, known, "f()");
  });

  it.each([null, undefined, [], ["store"], 5, "store", true])("are no %j", (given) => {
    expect(() => assertKnownKeys(given, known, "f()")).toThrow(
      "f() takes an options object: pass { store, secret, lifetime, … }.",
    );
  });

  it.each([
    ["Store", "store"],
    ["LIFETIME", "lifetime"],
    ["stor", "store"],
    ["stores", "store"],
    ["stoer", "store"],
    ["stare", "store"],
    ["token", "tokens"],
    ["tokenns", "tokens"],
    ["ecret", "secret"],
    ["secrets", "secret"],
  ])("called %s are answered with %s", (key, meant) => {
    expect(() => assertKnownKeys({ [key]: 1 }, known, "f()")).toThrow(
      `f() has no option "${key}". Did you mean "${meant}"?`,
    );
  });

  it.each(["expiry", "st", "storage", "lifetimes2", "", "__proto__x", "toString"])(
    "called %j are answered with the list",
    (key) => {
      expect(() => assertKnownKeys({ [key]: 1 }, known, "f()")).toThrow(
        `f() has no option "${key}". Remove it, or use one of store, secret, lifetime, tokens.`,
      );
    },
  );

  it("must be whole numbers within their limits", () => {
    for (const given of [1, 7, 20]) assertInteger(given, "maxLive", 1, 20);
    for (const given of [
      0,
      21,
      1.5,
      -1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      "3",
      3n,
      null,
      undefined,
      [3],
    ]) {
      expect(() => assertInteger(given, "maxLive", 1, 20)).toThrow(
        `maxLive is ${String(given)}. Pass an integer from 1 to 20.`,
      );
    }
  });

  it("must be functions where they are called", () => {
    assertFunction(() => 1, "deliver", "give one");
    assertFunction(class {}, "deliver", "give one");
    expect(() => assertFunction(undefined, "deliver", "pass one")).toThrow("deliver is missing: pass one.");
    for (const given of [null, {}, "f", 5]) {
      expect(() => assertFunction(given, "deliver", "pass one")).toThrow(
        "deliver must be a function: pass one.",
      );
    }
  });
});

describe("a list of option names", () => {
  interface Options {
    readonly prefix?: string;
    readonly schema?: string;
  }
  const options: Options = {};

  it("compiles only if it has every option of the type, and no other", () => {
    assertKnownKeys(options, ["prefix", "schema"], "f()");
    // @ts-expect-error -- `schema` is missing: it would be refused at run time.
    assertKnownKeys(options, ["prefix"], "f()");
    // @ts-expect-error -- `schemas` is no option: the list has a typing error.
    assertKnownKeys(options, ["prefix", "schema", "schemas"], "f()");
  });
});
