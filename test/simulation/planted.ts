/**
 * Faults that are planted on purpose: the control of the simulation. Each breaks one thing, from outside by wrapping what the
 * application gives, or in the engine by another piece of text, and must be found.
 */
import type { RequestQueue, ResetOptions, Store, TokenStore, Users } from "resetkit";
import type { Break } from "./fleet.js";

export interface Planted {
  readonly breaks?: Break;
  /** A piece of the engine's sources, and what stands there instead. */
  readonly snippet?: { readonly find: string; readonly replace: string };
}

type Options = ResetOptions<any>;

const inUsers =
  (change: (users: Users<any>) => Partial<Users<any>>): Break =>
  (options) => ({
    ...options,
    users: Object.assign(Object.create(options.users) as Users<any>, change(options.users)),
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
    breaks: inUsers((users) => ({
      setPassword: async (user, secret, context) =>
        users.setPassword(user, secret, {
          ...context,
          expected: await users.stateOf(await users.findById(user.id, {})),
        }),
    })),
  },
  "setPassword compares the hash alone": {
    breaks: inUsers((users) => ({
      async setPassword(user, secret, context) {
        const state = await users.stateOf(await users.findById(user.id, {}));
        return users.setPassword(user, secret, {
          ...context,
          expected: [context.expected[0], ...state.slice(1)],
        });
      },
    })),
  },
  "sessions go on": { breaks: inUsers(() => ({ revokeSessions: () => undefined })) },
  "held accounts are reset": { breaks: inUsers(() => ({ mayReset: () => true })) },
  "mails go to what was typed": {
    breaks: inUsers((users) => {
      let typed = "";
      return {
        findByIdentifier: (identifier, context) => users.findByIdentifier((typed = identifier), context),
        addressOf: (user) => (typed.toLowerCase() === user.email.toLowerCase() ? typed : user.email),
      };
    }),
  },
  "notices are swallowed": {
    breaks: (options) => ({
      ...options,
      deliver: (message) => (message.kind === "changed" ? undefined : options.deliver(message)),
    }),
  },
  "one mail in eight is swallowed": {
    breaks: (options) => {
      let count = 0;
      return { ...options, deliver: (message) => (++count % 8 === 0 ? undefined : options.deliver(message)) };
    },
  },
  "an error of the mail server is swallowed": {
    breaks: (options) => ({
      ...options,
      deliver: async (message) => Promise.resolve(options.deliver(message)).catch(() => undefined),
    }),
  },
  "siblings stay": { breaks: inTokens(() => ({ removeByUser: async () => 0 })) },
  "a row is replaced before the new mail is accepted": {
    breaks: inTokens((tokens, { maxLive }) => ({
      async put(row, rule) {
        const live = await tokens.liveOf(row.userId, { scope: row.scope, now: rule.now });
        if (live.length >= maxLive!) await tokens.finish(live[0]!.lookup);
        return tokens.put(row, rule);
      },
    })),
  },
  "two callers win a lease": {
    breaks: inTokens((tokens) => ({
      lease: async (...given) => {
        await tokens.lease(...given);
        return true;
      },
    })),
  },
  "a lease never ends": {
    breaks: inTokens((tokens) => ({
      lease: (lookup, until, now) => tokens.lease(lookup, until + 1e6 * hour, now),
    })),
  },
  "the clean-up takes good links": {
    breaks: inTokens((tokens) => ({
      removeExpired: (now, limit) => tokens.removeExpired(now + 48 * hour, limit),
    })),
  },
  "the clean-up takes fresh intents": {
    breaks: inQueue((queue) => ({
      removeExpired: (before, limit) => queue.removeExpired(before + 24 * hour, limit),
    })),
  },
  "the queue loses what is due later": {
    breaks: inQueue((queue) => ({
      add: async (entry, context) =>
        entry.dueAt > entry.addedAt + 30_000 ? undefined : queue.add(entry, context),
    })),
  },
  "the queue forgets what it hands out": {
    breaks: inQueue((queue) => ({
      async lease(...given) {
        const entries = await queue.lease(...given);
        for (const { id } of entries) await queue.done(id);
        return entries;
      },
    })),
  },
  "the queue hands out twice": {
    breaks: inQueue((queue) => ({ lease: (limit, now) => queue.lease(limit, now, now) })),
  },
  "a request is answered before it is queued": {
    breaks: inQueue((queue) => ({
      add: async (entry, context) => void queue.add(entry, context).catch(() => undefined),
    })),
  },
  "refunds are forgotten": {
    breaks: inStore(({ counters }) => ({
      counters: {
        ...counters,
        hit: (key, window) => counters.hit(key, { ...window, by: Math.max(0, window.by ?? 1) }),
      },
    })),
  },
  "counters are charged by all for all": {
    breaks: inStore(({ counters }) => ({
      counters: { ...counters, hit: (_, window) => counters.hit("one", window) },
    })),
  },
  "a transaction that failed is committed": {
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
    breaks: inTokens((tokens) => ({ removeByUser: (id, { scope }) => tokens.removeByUser(id, { scope }) })),
  },
};
