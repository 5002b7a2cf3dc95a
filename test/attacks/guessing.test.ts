import { describe, expect, it } from "vitest";
import { createHandler } from "resetkit/http";
import type { HandlerOptions } from "resetkit/http";
import { htmlPages } from "resetkit/pages";
import { randomNumber } from "resetkit/tokens/generators";
import { storedTokens } from "resetkit/tokens/stored";
import type { ResetContext, ResetOptions } from "resetkit/types";
import { utf8 } from "../../src/crypto/encoding.js";
import { goodPassword, makeKit, people, type Person } from "../kit.js";
import { browse, site } from "../pages/browse.js";

// Every guess at a token, a code, or a second factor is counted and limited, by whatever route it comes.

const email = "ada@example.com";
const tokens = () => storedTokens({ generator: randomNumber() });
const tenMinutes = 600_000;

function coded(options: Partial<ResetOptions<Person>> = {}, http: HandlerOptions = {}) {
  const accounts = people(email, "grace@example.com");
  const kit = makeKit({ validators: [], tokens: tokens(), ...options }, accounts);
  const handler = createHandler(kit.reset, { ...http, log: kit.log });
  const post = async (
    path: string,
    fields: object,
    headers: Record<string, string> = {},
    ip = "192.0.2.1",
  ) => {
    const all: Record<string, string> = { "content-type": "application/json", ...headers };
    const answer = await handler.plain({
      ...{ method: "POST", path: `/api/password_reset${path}`, query: "", ip },
      header: (name) => all[name],
      body: () => ({ kind: "bytes", bytes: utf8(JSON.stringify(fields)) }),
    });
    return answer!;
  };
  const asked = async (flow?: string) => {
    const { flow: given } = await kit.reset.request({ identifier: email, flow });
    await kit.reset.drain();
    const mail = kit.mails.at(-1) as { code?: string; token: string };
    return { flow: given!, code: mail.code!, token: mail.token };
  };
  return { ...kit, post, asked };
}

const wrong = (code: string) => (code === "11111111" ? "22222222" : "11111111");

describe("guessing a code", () => {
  it("A11: every request gets a flow handle of the same shape, for known and unknown accounts", async () => {
    const { reset, post } = coded();
    for (const identifier of [email, "nobody@example.com"]) {
      expect((await reset.request({ identifier })).flow).toMatch(/^[\w-]{43}$/);
      const { body, headers } = await post("/", { email: identifier });
      expect(body).toBe('{"status":"OK"}');
      expect(headers["reset-flow"]).toMatch(/^[\w-]{43}$/);
    }
  });

  it("without codes there's no handle", async () => {
    const { reset } = coded({ tokens: storedTokens() });
    expect(await reset.request({ identifier: email })).toEqual({});
  });

  it("A56: nobody can use up the attempts of a flow that isn't theirs", async () => {
    const { reset, asked } = coded();
    const { flow, code } = await asked();
    // Control: without a handle, others use up what there is.
    for (let n = 0; n < 30; n++) {
      await reset.validate({ token: wrong(code), identifier: email }, { ip: `192.0.2.${n}` });
    }
    expect(await reset.validate({ token: code, identifier: email })).toBe(false);
    expect(await reset.validate({ token: code, identifier: email, flow })).toBe(true);
    await reset.confirm({ token: code, identifier: email, flow, password: goodPassword });
  });

  it("A16: a flow has five attempts, and a code works with its own flows only", async () => {
    const { reset, asked } = coded();
    const first = await asked();
    const other = (await reset.request({ identifier: "grace@example.com" })).flow;
    const look = (flow: string | undefined, token = first.code) =>
      reset.validate({ token, identifier: email, flow });
    expect(await look(other)).toBe(false);
    for (let n = 0; n < 4; n++) expect(await look(first.flow, wrong(first.code))).toBe(false);
    expect(await look(first.flow)).toBe(true);
    expect(await look(first.flow, wrong(first.code))).toBe(false);
    expect(await look(first.flow)).toBe(false);
  });

  it("a handle that is sent back stays, and at most three flows share a code", async () => {
    const { reset, mails, asked } = coded();
    const { flow } = await asked();
    expect((await asked(flow)).flow).toBe(flow);
    const flows: (string | undefined)[] = [];
    for (let n = 0; n < 4; n++) flows.push((await reset.request({ identifier: email })).flow);
    await reset.drain();
    const { code } = mails.at(-1) as { code: string };
    const works = (one?: string) => reset.validate({ token: code, identifier: email, flow: one });
    expect((await Promise.all(flows.map(works))).filter(Boolean)).toHaveLength(3);
  });

  it("A21: one IP address has three of an identifier's five attempts", async () => {
    const { reset, asked } = coded();
    const { code } = await asked();
    const look = (token: string, ip: string) => reset.validate({ token, identifier: email }, { ip });
    for (let n = 0; n < 9; n++) await look(wrong(code), "192.0.2.1");
    expect(await look(code, "192.0.2.1")).toBe(false);
    expect(await look(code, "192.0.2.2")).toBe(true);
  });

  it("A19: asking again refills nothing, and a day has twenty attempts without a handle", async () => {
    const { reset, asked, clock } = coded({ maxLive: 20 });
    let evaluated = 0;
    for (let n = 0; n < 10; n++) {
      const { code } = await asked();
      for (let i = 0; i < 5; i++) await reset.validate({ token: wrong(code), identifier: email });
      clock.now += tenMinutes;
      const fresh = await asked();
      if (await reset.validate({ token: fresh.code, identifier: email })) evaluated++;
    }
    // The right code at each round's end was looked at until twenty wrong ones were counted.
    expect(evaluated).toBe(3);
    clock.now += 86_400_000;
    const { code } = await asked();
    expect(await reset.validate({ token: code, identifier: email })).toBe(true);
  });

  it("A17: a spray over accounts is limited by IP address, on validate and confirm together", async () => {
    const { post, calls } = coded({ throttles: undefined as never });
    let refused = 0;
    for (let n = 0; n < 100; n++) {
      const path = n % 2 === 0 ? "/validate_token/" : "/confirm/";
      const { status } = await post(path, { email: `u${n}@example.com`, token: "12345678", password: "x" });
      if (status === 429) refused++;
    }
    expect([refused, calls.findByIdentifier]).toEqual([70, 30]);
  });

  it("A17: a spray from everywhere switches codes off for a day, with an alarm; links work", async () => {
    const { reset, log, clock, asked } = coded();
    const alarms: string[] = [];
    reset.on("alarm", ({ what }) => void alarms.push(what));
    const { code, token } = await asked();
    const look = (n: number) => reset.validate({ token: "1", identifier: `u${n}@example.com` });
    for (let n = 0; n < 10_000; n++) await look(n);
    expect(alarms).toEqual([]);
    for (let n = 0; n < 50; n++) await look(n);
    expect(alarms).toEqual(["codes_off"]);
    expect(log.lines.filter((line) => /wrong codes/.test(line))).toHaveLength(1);
    expect(await reset.validate({ token: code, identifier: email })).toBe(false);
    expect(await reset.validate({ token })).toBe(true);
    clock.now += 86_400_000;
    const later = await asked();
    expect(await reset.validate({ token: later.code, identifier: email })).toBe(true);
  });

  it("A20: of 200 guesses at once, five are looked at (CVE-2026-33624, CVE-2026-34224)", async () => {
    const { reset, calls, asked } = coded();
    const { flow } = await asked();
    for (const how of [{}, { flow }]) {
      const before = calls.findByIdentifier;
      const guesses = Array.from({ length: 200 }, () =>
        reset.validate({ token: "1", identifier: email, ...how }),
      );
      await Promise.all(guesses);
      expect(calls.findByIdentifier - before).toBe(5);
    }
  });

  it("no GET evaluates a code, and the gate is asked before one is", async () => {
    const { reset, calls, asked } = coded();
    const seen: string[] = [];
    const gate = ({ stage }: { stage: string }) => (seen.push(`${stage} ${calls.findByIdentifier}`), false);
    const pages = htmlPages(reset, { baseUrl: site, codes: true, gate });
    const visitor = browse(pages);
    const { code } = await asked();
    const before = calls.findByIdentifier;
    for (const typed of [code, wrong(code)]) {
      const ticket = `${typed}:${encodeURIComponent(email)}`;
      const { status } = await visitor.get("/reset-password", { cookie: `__Host-resetkit=${ticket}` });
      expect(status).toBe(200);
    }
    const form = await visitor.get("/reset-password/code");
    expect((await visitor.submit(form, { email, code })).status).toBe(403);
    expect(seen).toEqual([`validate ${before}`]);
    expect(calls.findByIdentifier).toBe(before);
  });

  it("the pages keep the flow in a cookie, from the request to the new password", async () => {
    const { reset, mails, passwordOf } = coded();
    const visitor = browse(htmlPages(reset, { baseUrl: site, codes: true }));
    await visitor.submit(await visitor.get("/forgot-password"), { email });
    await reset.drain();
    const { code } = mails.at(-1) as { code: string };
    expect(visitor.cookies.get("__Host-resetkit-flow")).toMatch(/^[\w-]{43}$/);
    for (let n = 0; n < 9; n++) await reset.validate({ token: wrong(code), identifier: email });
    const moved = await visitor.submit(await visitor.get("/reset-password/code"), { email, code });
    expect(moved.location).toBe("/reset-password");
    const choose = await visitor.get("/reset-password");
    await visitor.submit(choose, { password: goodPassword, repeat: goodPassword });
    expect(passwordOf(1)).toBe(goodPassword);
  });
});

describe("guessing a second factor", () => {
  const secondFactor = {
    required: (user: Person) => user.email === email,
    verify: (_: Person, answer: string) => answer === "000777",
  };
  const setUp = (options: Partial<ResetOptions<Person>> = {}) =>
    coded({ tokens: storedTokens(), secondFactor, ...options });

  it("the right answer sets the password; without one, nothing is charged", async () => {
    const { post, passwordOf, asked } = setUp();
    const { token } = await asked();
    const body = { token, password: goodPassword };
    for (let n = 0; n < 12; n++) {
      const { status, body: said } = await post("/confirm/", body);
      expect([status, said]).toEqual([
        400,
        '{"second_factor":["Enter the code from your authenticator app."]}',
      ]);
    }
    expect((await post("/confirm/", { ...body, second_factor: "000777" })).status).toBe(200);
    expect(passwordOf(1)).toBe(goodPassword);
  });

  it("isn't asked of accounts that have none", async () => {
    const { reset, mails, passwordOf } = setUp();
    await reset.request({ identifier: "grace@example.com" });
    await reset.drain();
    const { token } = mails.at(-1) as { token: string };
    await reset.confirm({ token, password: goodPassword });
    expect(passwordOf(2)).toBe(goodPassword);
  });

  it("A122: a token has five tries, an account ten a day, and what failed counts for the IP address", async () => {
    let asks = 0;
    const verify = () => (asks++, false);
    const { post, asked, clock } = setUp({ secondFactor: { ...secondFactor, verify }, maxLive: 20 });
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) {
      const { token } = await asked();
      for (let i = 0; i < 7; i++) {
        const body = { token, password: goodPassword, second_factor: String(i) };
        statuses.push((await post("/confirm/", body)).status);
      }
    }
    expect(asks).toBe(10);
    expect(statuses.filter((status) => status === 400)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(18);
    clock.now += 86_400_000;
    const { token } = await asked();
    await post("/confirm/", { token, password: goodPassword, second_factor: "1" });
    expect(asks).toBe(11);
  });

  it("A122: a veto of beforeReset counts as a failed try, too", async () => {
    const confirm = [{ by: "ip", max: 3, per: "1h" }] as const;
    for (const [throttles, most] of [
      [false, 5],
      [{ confirm }, 3],
    ] as const) {
      const { reset, post, asked } = coded({ tokens: storedTokens(), throttles });
      let asks = 0;
      reset.on("beforeReset", () => {
        asks++;
        throw new Error("second factor");
      });
      const { token } = await asked();
      const statuses = new Set<number>();
      for (let n = 0; n < 50; n++) {
        statuses.add((await post("/confirm/", { token, password: goodPassword })).status);
      }
      expect([asks, [...statuses]]).toEqual([most, [403, 429]]);
    }
  });

  it("an outage of the second factor is a 503 and costs nothing", async () => {
    let isUp = false;
    const verify = () => {
      if (!isUp) throw new Error("connection refused");
      return true;
    };
    const { post, asked } = setUp({ secondFactor: { ...secondFactor, verify } });
    const { token } = await asked();
    const body = { token, password: goodPassword, second_factor: "1" };
    for (let n = 0; n < 20; n++) expect((await post("/confirm/", body)).status).toBe(503);
    isUp = true;
    expect((await post("/confirm/", body)).status).toBe(200);
  });

  it("the pages have a field for it", async () => {
    const { reset, asked, passwordOf } = setUp();
    const visitor = browse(htmlPages(reset, { baseUrl: site }));
    const { token } = await asked();
    await visitor.get(`/reset-password/${token}`);
    const form = await visitor.get("/reset-password");
    expect(form.page.querySelector("#second_factor")!.getAttribute("autocomplete")).toBe("one-time-code");
    const typed = { password: goodPassword, repeat: goodPassword };
    const again = await visitor.submit(form, { ...typed, second_factor: "1" });
    expect([again.status, again.page.querySelector("#second_factor-errors")!.text.trim()]).toEqual([
      400,
      "Enter the current code from your app.",
    ]);
    await visitor.submit(again, { ...typed, second_factor: "000777" });
    expect(passwordOf(1)).toBe(goodPassword);
  });

  it("A135: the limits hold for an application that calls the library itself (CVE-2026-30972)", async () => {
    const { reset, asked } = setUp();
    const { token } = await asked();
    const context: ResetContext = {};
    const guesses = Array.from({ length: 50 }, (_, n) =>
      reset
        .confirm({ token, password: goodPassword, secondFactor: String(n) }, context)
        .catch(({ code }) => code),
    );
    const codes = await Promise.all(guesses);
    expect(codes.filter((code) => code === "second_factor")).toHaveLength(5);
    expect(codes.filter((code) => code === "throttled")).toHaveLength(45);
  });
});
