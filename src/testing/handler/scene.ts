/**
 * What the cases of the handler suite share: an engine that records its calls, and the requests to send.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ResetError } from "../../errors.js";
import type { PasswordReset, ResetContext, Stage } from "../../types.js";
import type { Answer, Sent } from "./wire.js";

/** The path that cases mount at by default. */
export const mount = "/api/password_reset";
export const address = "ada@example.com";
/** The only token that the engine accepts. */
export const goodToken = "a-good-token-of-the-suite";
/** An identifier for which the engine throws. */
export const breaking = "broken@example.com";

export interface Call {
  readonly stage: Stage;
  readonly input: Readonly<Record<string, unknown>>;
  readonly context: ResetContext;
}

/** A fake engine that records what gets through the adapter in `calls`. */
export function recordingReset(): { readonly reset: PasswordReset; readonly calls: Call[] } {
  const calls: Call[] = [];
  const keep = (stage: Stage, input: object, context: ResetContext = {}) =>
    void calls.push({ stage, input: { ...input }, context });
  const reset: Pick<PasswordReset, "request" | "inspect" | "confirm"> = {
    async request(input, context) {
      if (input.identifier === breaking) throw new Error("a bug of the application");
      keep("request", input, context);
      return {};
    },
    async inspect(input, context) {
      keep("validate", input, context);
      return input.token === goodToken ? { user: {}, reveals: {}, secondFactor: false } : null;
    },
    async confirm(input, context) {
      keep("confirm", input, context);
      if (input.token !== goodToken) throw new ResetError("invalid_token");
      if (input.password.length >= 8) return {};
      throw new ResetError("weak_password", { problems: [{ code: "short", message: "Too short." }] });
    },
  };
  return { reset: reset as PasswordReset, calls };
}

export type BodyKind = "json" | "form" | "multipart";
export const bodyKinds: readonly BodyKind[] = ["json", "form", "multipart"];

/** Encodes fields as a body of the given kind, with its header. */
export function write(
  kind: BodyKind,
  fields: Readonly<Record<string, string>>,
): Pick<Sent, "headers" | "body"> {
  if (kind === "json") return json(fields);
  if (kind === "form") {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return { headers, body: new URLSearchParams(fields).toString() };
  }
  const parts = Object.entries(fields).map(
    ([name, value]) => `--b0undary\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const headers = { "content-type": "multipart/form-data; boundary=b0undary" };
  return { headers, body: `${parts.join("")}--b0undary--\r\n` };
}

export function json(value: unknown): { headers: Record<string, string>; body: string } {
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** A request for a reset, as JSON. */
export const asking: Sent = { path: `${mount}/`, ...json({ email: address }) };

/** The same request as bytes on the wire. */
export const askingBody = JSON.stringify({ email: address });
export function head(more: string, target = `${mount}/`): string {
  return `POST ${target} HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\n${more}\r\n\r\n`;
}
export const askingHead = head(`Content-Length: ${askingBody.length}`);

/** The JSON object of a response, which must be resetkit's. */
export function membersOf({ headers, body }: Answer): Record<string, unknown> {
  assert.match(headers["content-type"] ?? "", /^application\/json/);
  return JSON.parse(body) as Record<string, unknown>;
}
