import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ApiDocument } from "../../src/http/docs/openapi.js";
import { checkerOf, requestsOf, toRequest, type Known } from "../http/document.js";
import { type DemoProcess, startDemo, temporaryFolder } from "./process.js";
import { firstPassword, tokenIn, visitor } from "./visitor.js";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let demo: DemoProcess;

beforeAll(async () => {
  folder = await temporaryFolder();
  demo = await startDemo(folder.path, { THROTTLE: "off" });
});

afterAll(async () => {
  await demo.stop();
  await folder.remove();
});

it("requests made of its OpenAPI document get only answers that are described there, and no 5xx: 800 of them", async () => {
  const document = (await (await fetch(`${demo.url}/api/password_reset/openapi.json`)).json()) as ApiDocument;
  const me = visitor(demo.url);
  const emails = ["ada@example.com", "grace@example.com"];
  const tokens: string[] = [];
  for (const email of emails) {
    await me.ask(email);
    tokens.push(tokenIn((await me.resetMails(email))[0]!));
  }
  const known: Known = {
    email: [...emails, "nobody@example.com"],
    token: [...tokens, "x"],
    password: [firstPassword, "thunder marmalade quay", "short"],
  };
  const problemsOf = checkerOf(document);
  const seen: Record<number, number> = {};
  await fc.assert(
    fc.asyncProperty(requestsOf(document, known), async (asked) => {
      const send = () => fetch(toRequest(demo.url, document, asked));
      // A connection that both sides believed to be idle may be closed just as it's used again: a client asks anew.
      const answer = await send().catch(send);
      seen[answer.status] = (seen[answer.status] ?? 0) + 1;
      expect(await problemsOf(asked, answer)).toEqual([]);
    }),
    { numRuns: 800, seed: 20_260_115 },
  );
  // The sample is worth something only if it was wrong in every way, and right, many times.
  expect(Object.keys(seen)).toEqual(["200", "400", "404", "405", "406", "413", "415"]);
  for (const [status, times] of Object.entries(seen)) expect(times, status).toBeGreaterThanOrEqual(10);
});
