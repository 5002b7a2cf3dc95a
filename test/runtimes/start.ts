import { join } from "node:path";
import { installedBeside } from "../servers/installed.js";
import { startMailApi } from "../servers/mail-api.js";
import { run } from "../servers/debian.js";
import { programOf, type RuntimeName } from "../servers/runtimes.js";
import { answering, ownServer, runServer } from "../servers/shared.js";
import { startSmtp } from "../servers/smtp.js";
import { workerdConfig } from "../servers/workerd.js";

/** How the application is started: where its folder is, what it writes in, and what it must know. */
interface Given {
  readonly program: string;
  readonly app: string;
  readonly folder: string;
  readonly port: number;
  readonly mailApi: string;
  readonly smtp: string;
}

type Command = (given: Given) => Promise<readonly string[]> | readonly string[];

const onNode: Command = ({ program, app, ...given }) => [
  ...environment(given),
  program,
  join(app, "node.mjs"),
];

const onWorkerd =
  (conditions?: readonly string[]): Command =>
  async ({ program, app, folder, port, mailApi }) => {
    const worker = { entry: join(app, "workerd.mjs"), conditions, texts: { MAIL_API: mailApi } };
    return [program, "serve", await workerdConfig(folder, port, worker)];
  };

const commands = {
  node20: onNode,
  node22: onNode,
  node24: onNode,
  node26: onNode,
  bun: ({ program, app, ...given }) => [...environment(given), program, join(app, "bun.mjs")],
  // May use the network of this machine, and nothing else.
  deno: ({ program, app, port, mailApi, smtp }) => [
    ...[program, "run", "--quiet", "--no-prompt", "--cached-only", "--allow-net=127.0.0.1"],
    ...[join(app, "deno.mjs"), String(port), mailApi, smtp],
  ],
  workerd: onWorkerd(),
  workerdWithNode: onWorkerd(["workerd", "worker", "node"]),
} satisfies Record<RuntimeName | "workerdWithNode", Command>;

/** A runtime; `workerdWithNode` is workerd with the twin of the cryptography that is over `node:crypto`. */
export type Way = keyof typeof commands;

export type Started = Awaited<ReturnType<typeof startApp>>;

/** Starts the application of `app/` on a runtime, with a mail service and a mail server of its own. */
export async function startApp(way: Way) {
  const program = await programOf(way === "workerdWithNode" ? "workerd" : way);
  const app = await installedBeside("app", "test/runtimes/app", ["nodemailer"]);
  const [mailApi, smtp] = await Promise.all([startMailApi(), startSmtp()]);
  const server = await ownServer(way, async ({ folder, port }) => {
    const given = { program, app, folder, port, mailApi: mailApi.endpoint, smtp: smtp.url };
    await runServer(folder, await commands[way](given));
    const url = `http://127.0.0.1:${port}`;
    await answering(folder, () => fetch(`${url}/about`));
    return url;
  });
  return {
    url: server.url,
    /** As the runtime tells it. */
    version: /\d[\d.-]*/.exec((await run(program, ["--version"])).stdout)![0],
    mailApi,
    smtp,
    async stop() {
      await Promise.all([server.stop(), mailApi.close(), smtp.close()]);
    },
  };
}

function environment({ port, mailApi, smtp }: Pick<Given, "port" | "mailApi" | "smtp">): string[] {
  return ["env", `PORT=${port}`, `MAIL_API=${mailApi}`, `SMTP_URL=${smtp}`];
}
