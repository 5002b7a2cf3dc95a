import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DemoProcess, startDemo, temporaryFolder } from "./process.js";
import { tokenIn, visitor, type Visitor } from "./visitor.js";

// Sample: 50 callers at once, in three rounds.
const callers = 50;
const rounds = 3;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let demo: DemoProcess;
let me: Visitor;

beforeAll(async () => {
  folder = await temporaryFolder();
  demo = await startDemo(folder.path, { THROTTLE: "off" });
  me = visitor(demo.url, demo.metrics);
});

afterAll(async () => {
  await demo.stop();
  await folder.remove();
});

/** Confirms one token many times at once, each time with another password; gives the answers' statuses. */
async function confirmAtOnce(visitor: Visitor, token: string): Promise<number[]> {
  const answers = Array.from({ length: callers }, (_, index) =>
    visitor.confirm(token, `thunder marmalade quay ${index}`),
  );
  return (await Promise.all(answers)).map(({ status }) => status);
}

it("of 50 simultaneous confirms one wins, and at most two passwords are hashed", async () => {
  for (let round = 1; round <= rounds; round++) {
    await me.ask("ada@example.com");
    const [mail] = await me.resetMails("ada@example.com", round);
    const before = await me.hashes();
    const statuses = await confirmAtOnce(me, tokenIn(mail!));
    const hashed = (await me.hashes()) - before;
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 404)).toHaveLength(callers - 1);
    expect(hashed).toBeGreaterThanOrEqual(1);
    expect(hashed).toBeLessThanOrEqual(2);
    const winner = statuses.indexOf(200);
    expect((await me.logIn("ada@example.com", `thunder marmalade quay ${winner}`)).status).toBe(200);
  }
});

it("a server that looks first and marks afterwards has many winners (control)", async () => {
  let used = false;
  const waiting: (() => void)[] = [];
  const naive = createServer((_, response) => {
    const isGood = !used;
    waiting.push(() => {
      used = true;
      response.writeHead(isGood ? 200 : 404).end();
    });
    // All have looked before the first one marks, however busy the machine is.
    if (waiting.length === callers) for (const mark of waiting) mark();
  });
  await new Promise<void>((resolve) => naive.listen(0, "127.0.0.1", resolve));
  const { port } = naive.address() as AddressInfo;
  const statuses = await confirmAtOnce(visitor(`http://127.0.0.1:${port}`), "token");
  expect(statuses.filter((status) => status === 200)).toHaveLength(callers);
  naive.closeAllConnections();
  await new Promise((resolve) => naive.close(resolve));
});
