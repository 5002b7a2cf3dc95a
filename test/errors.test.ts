import { describe, expect, it, vi } from "vitest";
import { ResetError } from "resetkit";
import { type ErrorCode, errorStatus } from "resetkit/errors";
import { createHandler } from "resetkit/http";
import { json, byFetch } from "./http/drive.js";
import { makeKit } from "./kit.js";

/** The same file, loaded once more, as a bundler does that bundles two entries apart. */
async function otherCopy(): Promise<typeof ResetError> {
  vi.resetModules();
  return (await import("../src/errors.js")).ResetError;
}

describe("ResetError", () => {
  it("is told from other errors, in every copy of resetkit", async () => {
    const Other = await otherCopy();
    expect(Other).not.toBe(ResetError);
    expect(new Other("vetoed")).toBeInstanceOf(ResetError);
    expect(new ResetError("vetoed")).toBeInstanceOf(Other);
    for (const value of [new Error("vetoed"), { code: "vetoed" }, null, "vetoed"]) {
      expect(value instanceof ResetError).toBe(false);
    }
  });

  it("has subclasses that are told from it", () => {
    class Late extends ResetError {}
    expect(new Late("vetoed")).toBeInstanceOf(ResetError);
    expect(new Late("vetoed")).toBeInstanceOf(Late);
    expect(new ResetError("vetoed") instanceof Late).toBe(false);
  });

  it("is answered by its own status where handler and engine are of two copies", async () => {
    const Other = await otherCopy();
    const confirm = () => Promise.reject(new Other("invalid_token"));
    const drive = byFetch(createHandler({ ...makeKit().reset, confirm }));
    const answer = await drive({
      path: "/api/password_reset/confirm",
      ...json({ token: "x", password: "y" }),
    });
    expect(answer.status).toBe(404);
  });

  it("has a sentence for every code", () => {
    for (const code of Object.keys(errorStatus) as ErrorCode[]) {
      expect(new ResetError(code).message, code).toMatch(/^[A-Z][^_]+\.$/);
    }
  });

  it("names the fields of invalid input, and what's wrong with each", () => {
    const messageOf = (fields: Record<string, string[]>) =>
      new ResetError("invalid_input", { fields }).message;
    expect(messageOf({ identifier: ["blank"] })).toBe("Invalid input: identifier is blank.");
    expect(messageOf({ email: ["null_character", "invalid_address"], token: ["required"] })).toBe(
      "Invalid input: email has null character and has invalid address, token is required.",
    );
    expect(new ResetError("invalid_input").message).toBe("Invalid input.");
  });
});
