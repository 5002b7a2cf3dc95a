/**
 * The process that checks guesses: codes and signed tokens, with a `mayReset` of a millisecond.
 *
 * @module
 */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { passwordReset } from "resetkit";
import { nodeListener } from "resetkit/adapters/node";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { randomNumber } from "resetkit/tokens/generators";
import { signedTokens } from "resetkit/tokens/signed";
import { storedTokens } from "resetkit/tokens/stored";
import type { Message, ResetOptions, Store } from "resetkit/types";
import { open, type Place } from "../database.js";
import { controlHeader } from "../messages.js";
import { spend } from "../../spend.js";

export interface GuessStart {
  readonly place: Place;
  /** For how many accounts, and as many ids that nobody has, a token is made. */
  readonly accounts: number;
}

export interface GuessReady {
  readonly port: number;
  /** Signed tokens by id. Even ids have an account. */
  readonly tokens: readonly string[];
}

interface Person {
  readonly id: number;
}

/** What `mayReset` takes, and what the control takes before any proof. */
const mayResetTakes = 1_000;

/** As long as most hashes of argon2id. */
const hash = `$argon2id$v=19$m=19456,t=2,p=1$${"c2FsdA".repeat(4).slice(0, 22)}$${"h".repeat(43)}`;

// The process that measured is gone.
process.once("disconnect", () => process.exit());
const [start] = (await once(process, "message")) as [GuessStart];
const { connection } = open(start.place);
await migrate(connection);
let isIssuing = true;
let token = "";

const look = async (id: number) => {
  await connection.query({ text: "select 1", rows: true }, []);
  return isIssuing || id % 2 === 0 ? { id } : null;
};
const options = {
  users: {
    findByIdentifier: (email) => look(Number(/\d+/.exec(email)![0])),
    findById: (id) => look(Number(id)),
    identifierOf: ({ id }) => `person${id}@example.com`,
    addressOf: ({ id }) => `person${id}@example.com`,
    stateOf: ({ id }) => [hash, id > 0],
    setPassword: () => false,
    revokeSessions: "none",
    mayReset() {
      if (!isIssuing) spend(mayResetTakes);
      return true;
    },
  },
  secret: "a secret of the timing: 0123456789 abcdefghijklmnopqrstuvwxyz",
  store: uncounted(sqlStore(connection)),
  url: "https://app.example.com/reset-password/{token}",
  deliver: (message: Message<Person>) => void (token = message.kind === "reset" ? message.token : ""),
  throttles: false,
  worker: "outside",
  log: { info() {}, warn() {}, error: console.error },
} satisfies Omit<ResetOptions<Person>, "tokens">;

const signed = signedTokens({ ids: "integer" });
const issuer = passwordReset<Person>({ ...options, tokens: signed });
const tokens: string[] = [];
for (let id = 0; id < 2 * start.accounts; id++) {
  await issuer.issueFor({ id: id + 1_000 }, { wait: true });
  tokens.push(token);
}
await issuer.close();
isIssuing = false;
const codes = storedTokens({ generator: randomNumber({ digits: 8 }) });
const listener = nodeListener(passwordReset<Person>({ ...options, tokens: [codes, signed] }));

const server = createServer((req, res) => {
  if (req.headers[controlHeader] === "planted") spend(mayResetTakes);
  listener(req, res);
});
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.send!({ port: (server.address() as AddressInfo).port, tokens } satisfies GuessReady);

/** Counts as usual, and never says that too many were counted: 20,000 rounds of guesses would end with the first few. */
function uncounted(store: Store): Store {
  const { counters } = store;
  return {
    ...store,
    counters: { ...counters, hit: async (...given) => ({ ...(await counters.hit(...given)), count: 1 }) },
  };
}
