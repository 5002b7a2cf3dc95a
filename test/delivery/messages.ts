import type { ChangedMessage, ResetMessage, UnknownMessage } from "../../src/types.js";

export interface Person {
  readonly id: number;
  readonly name: string;
}

/** Noon of a winter's day. */
export const now = Date.UTC(2026, 10, 23, 12, 0, 0);

export const token = "3q2-7wAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkc";
export const link = `https://app.example.com/reset-password/${token}`;

export function resetMessage(changes: Partial<ResetMessage<Person>> = {}): ResetMessage<Person> {
  return {
    kind: "reset",
    user: { id: 1, name: "Ada" },
    address: "ada@example.com",
    token,
    url: link,
    expiresAt: new Date(now + 86_400_000),
    locale: "en",
    request: {},
    ...changes,
  };
}

export function changedMessage(changes: Partial<ChangedMessage<Person>> = {}): ChangedMessage<Person> {
  return {
    kind: "changed",
    user: { id: 1, name: "Ada" },
    address: "ada@example.com",
    changedAt: new Date(now),
    locale: "en",
    request: {
      ip: "203.0.113.77",
      userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    },
    ...changes,
  };
}

export function unknownMessage(changes: Partial<UnknownMessage> = {}): UnknownMessage {
  return { kind: "unknown", address: "eve@example.com", locale: "en", request: {}, ...changes };
}
