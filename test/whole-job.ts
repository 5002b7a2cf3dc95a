import { expect } from "vitest";
import { goodPassword } from "./kit.js";
import type { App } from "./project.js";
import type { SmtpFake } from "./servers/smtp.js";

/** Resets the password of ada@example.com by what an application has at /api/password_reset, from a mail that came. */
export async function doTheWholeJob(app: App, smtp: SmtpFake): Promise<void> {
  const status = async (path: string, body: object) =>
    (await app.post(`/api/password_reset${path}`, body)).status;
  expect(await status("/", { email: "nobody@example.com" })).toBe(200);
  const asked = await app.post("/api/password_reset/", { email: "Ada@Example.com" });
  expect([asked.status, await asked.text()]).toEqual([200, '{"status":"OK"}']);
  await expect.poll(() => smtp.mails.length, { timeout: 15_000 }).toBe(1);
  expect(smtp.mails[0]!.to).toEqual(["ada@example.com"]);
  const link = /^https:\/\/\S+\/([\w-]+)$/m;
  const token = link.exec(smtp.mails[0]!.parsed.text!)![1]!;

  expect(await status("/validate_token/", { token })).toBe(200);
  expect(await status("/confirm/", { token, password: "1234" })).toBe(400);
  const attempts = Array.from({ length: 8 }, () => status("/confirm/", { token, password: goodPassword }));
  expect((await Promise.all(attempts)).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 404)]);
  for (const path of ["/validate_token/", "/validate_token"]) expect(await status(path, { token })).toBe(404);

  for (const word of ["ada@", token, goodPassword]) {
    expect(app.output().toLowerCase()).not.toContain(word.toLowerCase());
  }
}
