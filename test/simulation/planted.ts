/**
 * Faults that are planted on purpose: the control of the simulation. Each breaks one thing, from outside by wrapping what the
 * application gives, or in the engine by another piece of text, and must be found.
 */
import type { RequestQueue, ResetOptions, Store, TokenStore, Users } from "resetkit";
import type { Break } from "./fleet.js";

export interface Planted {
  /** Which invariants may find it. */
  readonly invariants: readonly string[];
  /** Found after too many seeds for every run of the tests; the script's control covers it. */
  readonly isRare?: boolean;
  readonly breaks?: Break;
  /** Pieces of the engine's sources, and what stands there instead. */
  readonly snippets?: readonly { readonly find: string; readonly replace: string }[];
}

type Options = ResetOptions<any>;

const inUsers =
  (change: (users: Users<any>) => Partial<Users<any>>): Break =>
  (options) => ({
    ...options,
    users: Object.create(
      options.users,
      Object.getOwnPropertyDescriptors(change(options.users)),
    ) as Users<any>,
  });

const inStore =
  (change: (store: Store) => Partial<Store>): Break =>
  (options) => ({ ...options, store: { ...options.store!, ...change(options.store!) } });

const inTokens = (change: (tokens: TokenStore, options: Options) => Partial<TokenStore>): Break => {
  return (options) =>
    inStore(({ tokens }) => ({ tokens: { ...tokens, ...change(tokens, options) } }))(options);
};

const inQueue = (change: (queue: RequestQueue) => Partial<RequestQueue>): Break =>
  inStore(({ queue }) => ({ queue: { ...queue!, ...change(queue!) } }));

const hour = 3_600_000;

export const planted: Readonly<Record<string, Planted>> = {
  "setPassword ignores what it expects": {
    isRare: true,
    invariants: [
      "one winner per token",
      "the account is as the token found it",
      "sessions end with a changed password",
    ],
    breaks: inUsers((users) => ({
      setPassword: async (user, secret, context) =>
        users.setPassword(user, secret, {
          ...context,
          expected: await users.stateOf(await users.findById(user.id, context as never), context),
        }),
    })),
  },
  "setPassword compares the hash alone": {
    isRare: true,
    invariants: ["the account is as the token found it", "sessions end with a changed password"],
    breaks: inUsers((users) => ({
      async setPassword(user, secret, context) {
        const state = await users.stateOf(await users.findById(user.id, context as never), context);
        return users.setPassword(user, secret, {
          ...context,
          expected: [context.expected[0], ...state.slice(1)],
        });
      },
    })),
  },
  "sessions go on": {
    invariants: ["sessions end with a changed password"],
    breaks: inUsers(() => ({ revokeSessions: () => undefined })),
  },
  "held accounts are reset": {
    invariants: ["only eligible accounts are changed", "dead tokens are refused"],
    breaks: inUsers(() => ({ mayReset: () => true })),
  },
  "mails go to what was typed": {
    invariants: ["mails go to stored addresses"],
    breaks: inUsers((users) => {
      let typed = "";
      return {
        findByIdentifier: (identifier, context) => users.findByIdentifier((typed = identifier), context),
        addressOf: (user) => (typed.toLowerCase() === user.email.toLowerCase() ? typed : user.email),
      };
    }),
  },
  "notices are swallowed": {
    invariants: ["the owner is told of a changed password"],
    breaks: (options) => ({
      ...options,
      deliver: (message) => (message.kind === "changed" ? undefined : options.deliver(message)),
    }),
  },
  "one mail in eight is swallowed": {
    isRare: true,
    invariants: ["every request is answered", "the owner is told of a changed password"],
    breaks: (options) => {
      let count = 0;
      return { ...options, deliver: (message) => (++count % 8 === 0 ? undefined : options.deliver(message)) };
    },
  },
  "an error of the mail server is swallowed": {
    isRare: true,
    invariants: ["every request is answered", "the owner is told of a changed password"],
    breaks: (options) => ({
      ...options,
      deliver: async (message) => Promise.resolve(options.deliver(message)).catch(() => undefined),
    }),
  },
  "siblings stay": {
    invariants: [
      "siblings end with a changed password",
      "revoked tokens are dead",
      "dead tokens are refused",
    ],
    breaks: inTokens(() => ({ removeByUser: async () => 0 })),
  },
  "a row is replaced before the new mail is accepted": {
    isRare: true,
    invariants: ["good links stay good", "good tokens work"],
    breaks: inTokens((tokens, { maxLive }) => ({
      async put(row, rule) {
        const live = await tokens.liveOf(row.userId, { scope: row.scope, now: rule.now });
        if (live.length >= maxLive!) await tokens.finish(live[0]!.lookup);
        return tokens.put(row, rule);
      },
    })),
  },
  "two callers win a lease": {
    isRare: true,
    invariants: ["one caller hashes"],
    breaks: inTokens((tokens) => ({
      lease: async (...given) => {
        await tokens.lease(...given);
        return true;
      },
    })),
  },
  "a lease never ends": {
    invariants: ["good links stay good", "good tokens work"],
    breaks: inTokens((tokens) => ({
      lease: (lookup, until, now) => tokens.lease(lookup, until + 1e6 * hour, now),
    })),
  },
  "the clean-up takes good links": {
    invariants: ["good links stay good", "good tokens work"],
    breaks: inTokens((tokens) => ({
      removeExpired: (now, limit) => tokens.removeExpired(now + 48 * hour, limit),
    })),
  },
  "the clean-up takes fresh intents": {
    invariants: ["every request is answered", "the owner is told of a changed password"],
    breaks: inQueue((queue) => ({
      removeExpired: (before, limit) => queue.removeExpired(before + 24 * hour, limit),
    })),
  },
  "the queue loses what is due later": {
    isRare: true,
    invariants: [
      "every request is answered",
      "sessions end with a changed password",
      "the owner is told of a changed password",
      "siblings end with a changed password",
    ],
    breaks: inQueue((queue) => ({
      add: async (entry, context) =>
        entry.dueAt > entry.addedAt + 30_000 ? undefined : queue.add(entry, context),
    })),
  },
  "the queue forgets what it hands out": {
    invariants: ["every request is answered", "the owner is told of a changed password"],
    breaks: inQueue((queue) => ({
      async lease(...given) {
        const entries = await queue.lease(...given);
        for (const { id } of entries) await queue.done(id);
        return entries;
      },
    })),
  },
  "the queue hands out twice": {
    isRare: true,
    invariants: ["one mail per request"],
    breaks: inQueue((queue) => ({ lease: (limit, now) => queue.lease(limit, now, now) })),
  },
  "a request is answered before it is queued": {
    invariants: ["every request is answered", "the owner is told of a changed password"],
    breaks: inQueue((queue) => ({
      add: async (entry, context) => void queue.add(entry, context).catch(() => undefined),
    })),
  },
  "refunds are forgotten": {
    isRare: true,
    invariants: ["only uses are charged", "good tokens work", "good links stay good"],
    breaks: inStore(({ counters }) => ({
      counters: {
        ...counters,
        hit: (key, window) => counters.hit(key, { ...window, by: Math.max(0, window.by ?? 1) }),
      },
    })),
  },
  "counters are charged by all for all": {
    invariants: [
      "every request is answered",
      "only uses are charged",
      "good tokens work",
      "good links stay good",
    ],
    breaks: inStore(({ counters }) => ({
      counters: { ...counters, hit: (_, window) => counters.hit("one", window) },
    })),
  },
  "a transaction that failed is committed": {
    isRare: true,
    invariants: [
      "an answer is true",
      "sessions end with a changed password",
      "the owner is told of a changed password",
      "one winner per token",
      "siblings end with a changed password",
    ],
    breaks: inStore(({ transaction }) => ({
      async transaction(work) {
        const outcome = await transaction!((handle) =>
          work(handle).then(
            (value) => ({ value }),
            (error: unknown) => ({ error }),
          ),
        );
        if ("error" in outcome) throw outcome.error;
        return outcome.value;
      },
    })),
  },
  "a call in a transaction leaves out its handle": {
    invariants: ["no call blocks", "errors keep their contract"],
    breaks: inTokens((tokens) => ({ removeByUser: (id, { scope }) => tokens.removeByUser(id, { scope }) })),
  },

  "counters are never removed": {
    invariants: ["tables keep their bounds"],
    breaks: inStore(({ counters }) => ({ counters: { ...counters, removeExpired: async () => 0 } })),
  },

  // ─── In the engine's own sources ──────────────────────────────────────────────────────────────────

  "what must follow a change is dropped at the deadline": {
    isRare: true,
    invariants: [
      "sessions end with a changed password",
      "the owner is told of a changed password",
      "siblings end with a changed password",
    ],
    snippets: [{ find: `return kind === undefined || kind === "request";`, replace: "return true;" }],
  },
  "requests are grouped whatever their spelling": {
    isRare: true,
    invariants: ["every request is answered"],
    snippets: [
      {
        find: "JSON.stringify([intent.scope, intent.identifier, intent.only])",
        replace: "intent.identifier.toLowerCase()",
      },
    ],
  },
  "the oldest request of a group counts": {
    isRare: true,
    invariants: ["every request is answered"],
    snippets: [{ find: "other.at >= one.at ? other : one", replace: "other.at < one.at ? other : one" }],
  },
  "the account isn't read again after hashing": {
    isRare: true,
    invariants: ["only eligible accounts are changed"],
    snippets: [
      {
        find: "if (!fresh || differenceOf(account, fresh.account) !== undefined) return null;",
        replace: "if (!fresh) return null;",
      },
      {
        find: "return (await accounts.mayReset(fresh.user)) ? fresh.user : null;",
        replace: "return fresh.user;",
      },
    ],
  },
  "failures are forgiven inside the transaction": {
    invariants: ["errors keep their contract", "no call blocks", "good links stay good", "good tokens work"],
    snippets: [
      {
        find: "insist(await claim.finish({ transaction }));",
        replace: "insist(await claim.finish({ transaction })); await claim.settle(clock());",
      },
    ],
  },
  "a transaction goes on after it was given up": {
    isRare: true,
    invariants: ["no step follows its transaction"],
    snippets: [
      {
        find: "if (!holds || performance.now() >= endsAt) throw new NotAsExpected();",
        replace: "if (!holds) throw new NotAsExpected();",
      },
    ],
  },
  "a setPassword that was given up is forgotten": {
    isRare: true,
    invariants: ["sessions end with a changed password", "the owner is told of a changed password"],
    snippets: [{ find: "if (setting.intent && wasGivenUp(error))", replace: "if (false)" }],
  },
  "entries that no secret opens are removed": {
    isRare: true,
    invariants: ["every request is answered", "the owner is told of a changed password"],
    snippets: [
      { find: "now + pace.lease, keyIds)", replace: "now + pace.lease)" },
      {
        find: `await queue.retry(id, now + 1_000 + Math.round((random(1)[0]! / 255) * 4_000), "no secret opens it");`,
        replace: "await queue.done(id);",
      },
    ],
  },
  "the notice goes to the new address alone": {
    isRare: true,
    invariants: ["the owner is told of a changed password"],
    snippets: [
      {
        find: "const address = intent.address ?? account.address;",
        replace: "const address = account.address;",
      },
    ],
  },
  "a lease isn't renewed after hashing": {
    isRare: true,
    invariants: ["one winner per token", "one caller hashes", "an answer is true", "revoked tokens are dead"],
    snippets: [
      {
        find: "return (await claim.renew(until, now)) ? unchanged(claim.account) : null;",
        replace: "return unchanged(claim.account);",
      },
    ],
  },
  "a used signed token isn't remembered": {
    isRare: true,
    invariants: ["one winner per token", "dead tokens are refused"],
    snippets: [{ find: "if (used.count > 0) return false;", replace: "" }],
  },
  "an outage is charged": {
    isRare: true,
    invariants: ["only uses are charged"],
    snippets: [{ find: "await charged.giveBack().catch(() => undefined);", replace: "" }],
  },
  "tokens made after the change are revoked": {
    isRare: true,
    invariants: ["good links stay good", "good tokens work"],
    snippets: [
      {
        find: "await tokens.removeByUser(id, { scope, before, transaction });",
        replace: "await tokens.removeByUser(id, { scope, transaction });",
      },
    ],
  },
  "codes are checked against another look-up": {
    isRare: true,
    invariants: ["good tokens work"],
    snippets: [{ find: "await accounts.byId(named.id, named.scope)", replace: "named" }],
  },
  "issued tokens share the places of requested ones": {
    isRare: true,
    invariants: ["good links stay good", "good tokens work", "every request is answered"],
    snippets: [
      {
        find: "return rows.filter((one) => (one.issued ?? false) === issued);",
        replace: "return [...rows];",
      },
    ],
  },
  "a full queue takes more": {
    isRare: true,
    invariants: ["the queue keeps its bound"],
    snippets: [{ find: "if (waiting >= maxWaiting) {", replace: "if (waiting >= Infinity) {" }],
  },
  "a count of the queue is believed for ever": {
    isRare: true,
    invariants: ["only uses are charged"],
    snippets: [{ find: "if (now - countedAt > stale) {", replace: "if (now - countedAt > Infinity) {" }],
  },
  "a count that failed leaves the last one standing": {
    isRare: true,
    invariants: ["only uses are charged"],
    snippets: [{ find: "failure = { error };", replace: "" }],
  },
};
