/**
 * The application that every runtime runs, as it stands here, on the package as it is published: accounts
 * with a log-in, and one reset per kind of token and store. Web APIs alone.
 */
import { memoryStore, passwordReset, signedTokens } from "resetkit";
import { byEmail } from "resetkit/delivery/email";
import { httpMailer } from "resetkit/delivery/http-mailer";
import { createHandler } from "resetkit/http";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { storeSuite } from "./store-suite.mjs";

const secret = "a secret of the runtimes: 0123456789 abcdefghijklmnopqrstuvwxyz";

/**
 * `mailApi` is where mail goes that is sent over HTTP; `smtp`, a transport of nodemailer's, takes the rest
 * where there is TCP. `connection` is a SQL database where the runtime has one.
 */
export function createApp({ mailApi, smtp, connection, worker, handlerOptions }) {
  const lines = [];
  const keep = (level) => (message) => void lines.push(`${level}: ${message}`);
  const log = { info: keep("info"), warn: keep("warn"), error: keep("error") };
  const overHttp = httpMailer({ provider: "postmark", apiKey: "key-of-the-tests", endpoint: mailApi });
  const about = { mac: undefined };

  const door = (name, { transport, isCareless = false, ...options }) => {
    const accounts = createAccounts(name, isCareless);
    const basePath = `/${name}/password_reset`;
    const reset = passwordReset({
      users: accounts.users,
      secret,
      url: "http://127.0.0.1/reset-password/{token}",
      deliver: byEmail({ transport, from: "Example <no-reply@example.com>" }),
      throttles: { request: [{ by: "ip", max: 4, per: "1h" }] },
      worker,
      log,
      ...options,
    });
    return {
      name,
      basePath,
      reset,
      accounts,
      handler: createHandler(reset, { basePath, ...handlerOptions }),
    };
  };

  const doors = [
    door("memory", { store: memoryStore(), transport: smtp ?? overHttp }),
    door("signed", { tokens: watched(signedTokens({ ids: "integer" }), about), transport: overHttp }),
    // Known to be wrong: nothing is leased, and setPassword sets a moment after it compared. The tests must see it.
    door("careless", {
      tokens: signedTokens(),
      store: withoutLeases(),
      transport: overHttp,
      isCareless: true,
    }),
    ...(connection ? [door("sql", { store: sqlStore(connection), transport: overHttp })] : []),
  ];

  return {
    doors,
    /** Answers all but the reset itself: tables, log-in, sessions, and what is known of this runtime. */
    async answer(request) {
      const [, name, what, id] = new URL(request.url).pathname.split("/");
      if (name === "about") {
        await about.look?.();
        return Response.json({ mac: about.mac, worker: worker ?? "inside", lines });
      }
      if (name === "migrate") {
        if (connection) await migrate(connection);
        return new Response();
      }
      if (name === "store-suite") return Response.json(await storeSuite(connection, what));
      const accounts = doors.find((one) => one.name === name)?.accounts;
      if (accounts && what === "login") return accounts.logIn(await request.json());
      if (accounts && what === "session")
        return new Response(null, { status: accounts.isOpen(id) ? 200 : 404 });
      return new Response(null, { status: 404 });
    },
    async fetch(request, context) {
      const { pathname } = new URL(request.url);
      const door = doors.find(({ basePath }) => pathname.startsWith(`${basePath}/`));
      return door ? door.handler(request, context) : this.answer(request);
    },
  };
}

/** A strategy, and a look at which twin of the cryptography is behind its keys: MACs are promises on Web Crypto. */
function watched(strategy, about) {
  return {
    kind: strategy.kind,
    connect(context) {
      about.look = async () => {
        const mac = context.keys.mac(0, "signed", []);
        about.mac = mac instanceof Promise ? "Web Crypto" : "node:crypto";
        await mac;
      };
      return strategy.connect(context);
    },
  };
}

function withoutLeases() {
  return {
    ...memoryStore(),
    // A look, which adds nothing, must find nothing: otherwise every token counts as used.
    counters: {
      hit: async (_, { by = 1 }) => ({ count: Math.max(0, by), resetAt: 0 }),
      removeExpired: async () => 0,
    },
  };
}

/** One account in a map. `old-Passw0rd!` is the password that has been forgotten. */
function createAccounts(name, isCareless) {
  const byId = new Map([[1, { id: 1, email: `ada@${name}.example.com` }]]);
  const sessions = new Map();
  let opened;
  // When first asked for, since Workers have no randomness before the first request.
  const open = async () => {
    for (const user of byId.values()) user.passwordHash = await hash("old-Passw0rd!");
  };
  const find = async (match) => {
    await (opened ??= open());
    const user = [...byId.values()].find(match);
    return user && { ...user };
  };

  return {
    users: {
      findByIdentifier: (email) => find((user) => user.email === email.toLowerCase()),
      findById: (id) => find((user) => user.id === Number(id)),
      stateOf: (user) => [user.passwordHash, user.email],
      hashPassword: hash,
      async setPassword(user, passwordHash, { expected }) {
        const stored = byId.get(Number(user.id));
        if (stored.passwordHash !== expected[0] || stored.email !== expected[1]) return false;
        if (isCareless) await new Promise((resolve) => setTimeout(resolve, 300));
        stored.passwordHash = passwordHash;
        return true;
      },
      revokeSessions(user) {
        for (const [id, owner] of sessions) if (owner === user.id) sessions.delete(id);
      },
    },
    async logIn({ email, password }) {
      const user = await find((one) => one.email === email);
      if (!user || !(await matches(password, user.passwordHash))) return new Response(null, { status: 401 });
      // A reset that overtook the sign-in has ended the account's sessions already.
      if (byId.get(user.id).passwordHash !== user.passwordHash) return new Response(null, { status: 401 });
      const session = crypto.randomUUID();
      sessions.set(session, user.id);
      return Response.json({ session });
    },
    isOpen: (session) => sessions.has(session),
  };
}

async function hash(password, _user, salt = crypto.getRandomValues(new Uint8Array(16))) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(password), "PBKDF2", false, [
    "deriveBits",
  ]);
  // Workers allow no more rounds than these.
  const how = { name: "PBKDF2", hash: "SHA-256", iterations: 100_000, salt };
  const bits = new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
  return `${btoa(String.fromCharCode(...salt))}$${btoa(String.fromCharCode(...bits))}`;
}

async function matches(password, stored) {
  const salt = Uint8Array.from(atob(stored.split("$")[0]), (each) => each.charCodeAt(0));
  return (await hash(password, undefined, salt)) === stored;
}
