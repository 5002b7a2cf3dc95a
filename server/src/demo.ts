import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { passwordReset } from "resetkit";
import { nodeListener } from "resetkit/adapters/node";
import { byEmail } from "resetkit/delivery/email";
import { createHandler } from "resetkit/http";
import { htmlPages } from "resetkit/pages";
import { adminPages } from "resetkit/pages/admin";
import { migrate, sqlStore } from "resetkit/stores/sql";
import type { PasswordReset } from "resetkit/types";
import { accounts, type User } from "./accounts.js";
import { createAnswers } from "./answers.js";
import { type Config, isLoopback } from "./config.js";
import { clientOf, connectionTo, openDatabase } from "./database.js";
import { prepareDataDir, readOrMakeSecret } from "./files.js";
import { namesThisServer } from "./hosts.js";
import { openInbox } from "./inbox.js";
import { listen, type Door } from "./listen.js";
import type { StructuredLog } from "./log.js";
import { createLogin } from "./login.js";
import { transportOf } from "./mail.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { style } from "./layout.js";
import { argon2id } from "./passwords.js";
import { seed } from "./seed.js";
import { sessionTable } from "./sessions.js";
import { createMetricsSite, createSite } from "./site.js";

export interface Demo {
  /** The URL to open in a browser. */
  readonly url: string;
  /** Shuts down gracefully. */
  stop(): Promise<void>;
}

/**
 * Starts an application with accounts, resetkit's API and pages, and an inbox. Throws an error whose message ends with the
 * fix.
 */
export async function startDemo(config: Config, log: StructuredLog): Promise<Demo> {
  const door = await listen(config.port, config.host);
  const side = await openSide(config.metricsPort);
  const url = config.baseUrl ?? `http://${reachable(config.host)}:${door.port}`;
  const secure = url.startsWith("https:");
  const { dataDir, throttle } = config;

  await prepareDataDir(dataDir);
  const db = openDatabase(join(dataDir, "demo.sqlite"));
  const connection = connectionTo(db);
  await migrate(connection);
  const metrics = createMetrics();
  const passwords = argon2id(() => metrics.count("resetkit_password_hashes_total"));
  await seed(db, passwords);
  const inbox = await openInbox(join(dataDir, "inbox"), () => new Date());

  const reset = passwordReset<User>({
    users: accounts(db, passwords),
    secret: await readOrMakeSecret(dataDir),
    store: sqlStore(connection),
    url: `${url}/reset-password/{token}`,
    deliver: byEmail({ transport: await transportOf(config.smtpUrl, inbox), from: config.mailFrom }),
    ...(!throttle && { throttles: false }),
    // Start the worker now instead of at the first request, since an earlier process may have left entries in the queue.
    worker: { mode: "outside", lease: "2s" },
    log,
  });
  observe(reset, metrics);
  const working = reset.work();

  const answers = await createAnswers(style, secure);
  const login = createLogin({ db, passwords, sessions: sessionTable(db), answers, secure, now: Date.now });
  // The demo has no administrators of its own, so it shows these pages on this computer only.
  const isAtHome = isLoopback(config.host);
  const hosts = [config.host, new URL(url).hostname];
  const own = createSite({ answers, login, inbox, log, baseUrl: url, throttle, hasAdmin: isAtHome, hosts });
  const api = nodeListener(createHandler(reset, { docs: true, log }));
  const pages = nodeListener(htmlPages(reset, { baseUrl: url, appName: "resetkit demo", log }));
  const admin = nodeListener(
    adminPages(reset, {
      ...{ baseUrl: url, appName: "resetkit demo", log },
      authorize: ({ headers }: IncomingMessage) =>
        isAtHome && namesThisServer(headers.host, hosts) && { name: "demo" },
    }),
  );
  const site = nodeListener({ plain: own });
  const listeners = [api, pages, admin, site];
  door.open((request, response) => {
    const answer = (index: number): void => listeners[index]?.(request, response, () => answer(index + 1));
    answer(0);
  });
  side?.open(nodeListener({ plain: createMetricsSite(metrics, answers) }));
  log.event("started", {
    ...{ url, database: clientOf(db), mail: config.smtpUrl ? "smtp" : "inbox", throttle },
    metrics: side && `http://127.0.0.1:${side.port}/metrics`,
  });

  return {
    url,
    async stop() {
      await door.close();
      await side?.close();
      await reset.close();
      await working;
      db.close();
    },
  };
}

/** Metrics are for the operator, so they're on a separate port that only this machine can reach. */
async function openSide(port: number | undefined): Promise<Door | undefined> {
  return port === undefined ? undefined : listen(port, "127.0.0.1", "METRICS_PORT");
}

// Count events instead of logging each: if no process reads the log's pipe, it fills up and blocks the demo.
function observe(reset: PasswordReset<User>, metrics: Metrics): void {
  reset.on("delivered", ({ kind }) => metrics.count("resetkit_mails_total", { kind }));
  reset.on("afterReset", () => metrics.count("resetkit_resets_total"));
  reset.on("refused", ({ stage, reason }) => metrics.count("resetkit_refusals_total", { stage, reason }));
  reset.on("failed", ({ what }) => metrics.count("resetkit_failures_total", { what }));
}

/** A host name to reach the server at. If it listens on every IP address, that's the loopback address. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}
