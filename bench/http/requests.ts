import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { place } from "../../test/servers/place.js";
import { emailOf, type Family, type Template } from "./databases.js";
import { base } from "./system.js";

export type Workload = "request" | "validate" | "invalid" | "confirm";

/** What is sent to a family of systems, and what each must answer. */
export interface Dialogue {
  readonly method: "GET" | "POST";
  readonly status: number;
  /** Exactly this, where it is given. */
  readonly body?: string;
  /** The `location` must hold this. */
  readonly location?: string;
  readonly lines: readonly string[];
}

/** The file that `load.lua` reads, with a request for each token, but not for the first ones that are passed over. */
export async function writeRequests(workload: Workload, template: Template, from = 0): Promise<string> {
  const { method, status, body = "", location = "", lines: all } = dialogue(workload, template);
  const lines = all.slice(from);
  const file = join(place().folder, `${template.family}-${template.database}-${workload}-${from}.requests`);
  await writeFile(file, [method, status, body, location, ...lines, ""].join("\n"));
  return file;
}

export function dialogue(workload: Workload, { family, tokens }: Template): Dialogue {
  if (family === "better-auth") return forBetterAuth(workload, tokens);
  const ok = { method: "POST", status: 200, body: '{"status":"OK"}' } as const;
  switch (workload) {
    case "request":
      return { ...ok, lines: tokens.map((_, i) => post("/", { email: emailOf(i + 1) })) };
    case "validate":
      return { ...ok, lines: tokens.map((token) => post("/validate_token/", { token })) };
    case "invalid": {
      const lines = tokens.map(() =>
        post("/validate_token/", { token: randomBytes(32).toString("base64url") }),
      );
      return { method: "POST", status: 404, body: `{"detail":"${notFound[family]}"}`, lines };
    }
    case "confirm":
      return {
        ...ok,
        lines: tokens.map((token, i) => post("/confirm/", { token, password: passwordOf(i) })),
      };
  }
}

const notFound: Record<Exclude<Family, "better-auth">, string> = {
  bare: "Not found.",
  resetkit: "This link or code is invalid or has expired. Request a new one.",
};

/** Good enough for every validator, and each another. */
export const passwordOf = (index: number) => `thunder marmalade ${index} quay`;

const post = (path: string, body: object) => `${base}${path} ${JSON.stringify(body)}`;

function forBetterAuth(workload: Workload, tokens: readonly string[]): Dialogue {
  const call = (name: string, body: object) => `/api/auth/${name} ${JSON.stringify(body)}`;
  const callback = (token: string) => `/api/auth/reset-password/${token}?callbackURL=%2Freset`;
  const ok = { method: "POST", status: 200 } as const;
  const redirect = { method: "GET", status: 302 } as const;
  switch (workload) {
    case "request":
      return {
        ...ok,
        lines: tokens.map((_, i) => call("request-password-reset", { email: emailOf(i + 1) })),
      };
    case "validate":
      return { ...redirect, location: "/reset?token=", lines: tokens.map(callback) };
    case "invalid":
      return {
        ...redirect,
        location: "error=INVALID_TOKEN",
        lines: tokens.map(() => callback(randomBytes(18).toString("base64url"))),
      };
    case "confirm":
      return {
        ...ok,
        body: '{"status":true}',
        lines: tokens.map((token, i) => call("reset-password", { token, newPassword: passwordOf(i) })),
      };
  }
}
