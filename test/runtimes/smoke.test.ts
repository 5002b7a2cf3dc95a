import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runtimes } from "../servers/runtimes.js";
import {
  confirmAtOnce,
  doTheJob,
  mailedToken,
  oldPassword,
  postTo,
  type SentMail,
  type Site,
} from "./job.js";
import { startApp, type Started, type Way } from "./start.js";

/** The client of SQL that each way has. */
const ways: Readonly<Record<Way, string | undefined>> = {
  node20: undefined,
  node22: "`node:sqlite`",
  node24: "`node:sqlite`",
  node26: "`node:sqlite`",
  bun: "`bun:sqlite`",
  deno: "`node:sqlite`",
  workerd: "D1",
  workerdWithNode: "D1",
};

/** What was seen, way by way: a line of the table in the documentation. */
const lines = new Map<Way, string[]>();
const page = fileURLToPath(new URL("../../docs/runtimes.md", import.meta.url));

describe.each(Object.entries(ways) as [Way, string | undefined][])("%s", (way, sql) => {
  let app: Started;
  const starting = startApp(way);
  starting.catch(() => undefined);
  const passed = new Set<string>();
  beforeAll(async () => void (app = await starting), 300_000);
  afterAll(() => app?.stop());

  const site = (door: string, visitor: string): Site => ({
    api: `${app.url}/${door}/password_reset`,
    address: `ada@${door}.example.com`,
    mails: () => mailsOf(app),
    opens: async (password) => (await logIn(door, password)) !== undefined,
    // Cloudflare says who the visitor is in a header; elsewhere the connection does.
    headers: { "cf-connecting-ip": visitor },
  });

  async function logIn(door: string, password: string): Promise<string | undefined> {
    const body = JSON.stringify({ email: `ada@${door}.example.com`, password });
    const response = await fetch(`${app.url}/${door}/login`, { method: "POST", body });
    return response.ok ? (await response.json()).session : undefined;
  }

  it.concurrent.each(["memory", "signed", ...(sql ? ["sql"] : [])])(
    "does the whole job: %s",
    async (door) => {
      expect((await fetch(`${app.url}/migrate`)).status).toBe(200);
      const session = await logIn(door, oldPassword);
      const isOpen = async () => (await fetch(`${app.url}/${door}/session/${session}`)).status === 200;
      expect(await isOpen()).toBe(true);
      const visitor = `192.0.2.${door.length}`;
      await doTheJob(site(door, visitor));
      expect(await isOpen()).toBe(false);

      const email = "nobody@example.com";
      for (const status of [200, 200, 429]) {
        expect((await postTo(site(door, visitor), "/", { email })).status).toBe(status);
      }
      passed.add(door);
    },
  );

  const keepsPromises = async () => {
    const suite = `${app.url}/store-suite`;
    const names: string[] = await (await fetch(suite)).json();
    expect(names.length).toBeGreaterThan(40);
    for (const [number, name] of names.entries()) {
      expect(`${name}: ${await (await fetch(`${suite}/${number}`)).json()}`).toBe(`${name}: kept`);
    }
  };
  // Cryptography is nothing to a database.
  if (sql && way !== "workerdWithNode") it("keeps every promise of a store in SQL", keepsPromises);

  it.concurrent("has more than one winner without leases and compare-and-set (control)", async () => {
    const careless = site("careless", "192.0.2.99");
    await postTo(careless, "/", { email: careless.address });
    const statuses = await confirmAtOnce(careless, await mailedToken(careless));
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(1);
  });

  it("wrote nothing into the log but what it says at start, and why no email came", async () => {
    const { mac, worker, lines: log } = await (await fetch(`${app.url}/about`)).json();
    const isExpected = (line: string) =>
      /The store has no queue|Without a store, rate limits|^info: No email sent for n•••@/.test(line);
    expect(log.filter((line: string) => !isExpected(line))).toEqual([]);
    expect(mac).toBe(way === "workerd" ? "Web Crypto" : "node:crypto");
    const { name } = runtimes[way === "workerdWithNode" ? "workerd" : way];
    const did = (door: string, what = "✓") => (passed.has(door) ? what : "–");
    const mail = [app.smtp.mails[0] && "SMTP", app.mailApi.mails[0] && "HTTP"].filter(Boolean).join(", ");
    lines.set(way, [
      name,
      app.version,
      mac,
      did("memory"),
      did("sql", `✓ ${sql}`),
      did("signed"),
      mail,
      worker,
    ]);
  });
});

it("docs/runtimes.md says what was seen (`npx vitest run test/runtimes -u` writes it)", async () => {
  expect([...lines.keys()]).toEqual(Object.keys(ways));
  const head = [
    "runtime",
    "version",
    "cryptography",
    "stored, in memory",
    "stored, in SQL",
    "signed, no store",
    "mail",
    "`worker`",
  ];
  const table = [head, head.map(() => "---"), ...lines.values()]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
  const text = (await readFile(page, "utf8")).replace(
    /(?<=<!-- runtimes -->\n)[\s\S]*(?=<!-- \/runtimes -->)/,
    () => `\n${table}\n\n`,
  );
  const style = await resolveConfig(page);
  await expect(await format(text, { ...style, filepath: page })).toMatchFileSnapshot(page);
});

/** By HTTP and by SMTP. */
function mailsOf({ mailApi, smtp }: Started): SentMail[] {
  return [
    ...mailApi.mails.map(({ To, Subject, TextBody }) => ({ to: To, subject: Subject, text: TextBody })),
    ...smtp.mails.map(({ to, parsed }) => ({ to: to[0]!, subject: parsed.subject!, text: parsed.text! })),
  ];
}
