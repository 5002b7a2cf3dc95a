import { ResetError } from "../errors.js";
import { plainUserId, writeUserId } from "../identity/user-id.js";
import type {
  AdminAction,
  Origin,
  PasswordReset,
  QueuedEntry,
  QueueStats,
  ResetContext,
  TokenRow,
  UserId,
} from "../types.js";
import type { Accounts } from "./accounts.js";
import type { Emitter } from "./events.js";
import type { Intents } from "./intents.js";
import { allTokens, entryOf, firstOf } from "./rows.js";
import type { Settings } from "./settings.js";

/** What operators see and do. Loaded on first use, since a process that only serves users never needs it. */
export interface Operations {
  /** `partly`: besides tokens that are stored, there are signed ones, which can't be listed. */
  readonly listed: "all" | "partly" | "none";
  /** Whether the queue outlives this process. */
  readonly hasStoredQueue: boolean;
  /** The engine's clock. */
  now(): number;
  /** Valid tokens, newest first. */
  tokens(page: TokenPage): Promise<TokenList>;
  /** Accounts by what a user types, or by their id. */
  find(text: string, scope: string): Promise<readonly AccountView[]>;
  /** One account by the text of its id that `AccountView.id` is; `null` if it no longer exists. */
  account(id: string, scope: string): Promise<AccountView | null>;
  stats(): Promise<QueueStats>;
  /** Entries, oldest first, after the one with the id `after`. */
  entries(page: {
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<readonly EntryView[]>;
  entry(id: string): Promise<EntryView | null>;
  /** Queues a reset link for an account. */
  issue(id: string, scope: string, by: Actor): Promise<void>;
  revoke(id: string, scope: string, by: Actor): Promise<void>;
  /** Removes an entry of the queue for good; false if it isn't there, or belongs to another application. */
  drop(id: string, by: Actor): Promise<boolean>;
}

/** Who acts, and from where: for the event. */
export interface Actor {
  readonly by: string | undefined;
  readonly request: Origin;
  /** See `ResetContext.waitUntil`. */
  readonly waitUntil?: ResetContext["waitUntil"];
}

export interface TokenPage {
  /** Only this tenant's. Undefined: all tenants'. */
  readonly scope?: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

export interface TokenList {
  readonly rows: readonly { readonly row: TokenRow; readonly account: AccountName }[];
  /** How many valid tokens there are, of those that were read. */
  readonly count: number;
  /** True if the store has more rows than were read. */
  readonly isSample: boolean;
}

/** What names an account. */
export interface AccountName {
  /** The id with its type, for links and forms. */
  readonly id: string;
  /** The id as people read it. */
  readonly plainId: string;
  readonly scope: string;
  /** What a user types for it; empty if the account is gone, or can't be read. */
  readonly identifiers: readonly string[];
}

export interface AccountView extends AccountName {
  readonly mayReset: boolean;
  /** Its valid tokens, oldest first. */
  readonly tokens: readonly TokenRow[];
}

export interface EntryView extends QueuedEntry {
  /** True if no secret of this application opens it. */
  readonly isForeign: boolean;
}

/** How many rows a list of all tokens reads: a page must not take minutes. */
const sample = 5_000;

export interface OperationsParts<U> extends Omit<Settings<U>, "strategies"> {
  readonly reset: PasswordReset<U>;
  readonly accounts: Accounts<U>;
  readonly intents: Intents;
  readonly events: Emitter<U>;
  /** The kinds of tokens: `"stored"`, `"signed"`, … */
  readonly kinds: readonly string[];
}

export function createOperations<U>(parts: OperationsParts<U>): Operations {
  const { reset, accounts, intents, events, store, queue, clock } = parts;
  const isKept = (kind: string) => store !== undefined && kind !== "signed" && kind !== "django";
  const kept = parts.kinds.filter(isKept).length;
  /** The store, if it has tokens that can be listed. */
  const listable = kept > 0 ? store : undefined;

  async function nameOf({ userId, scope }: TokenRow): Promise<AccountName> {
    // An account that can't be read must not hide the others from the list.
    const found = await accounts.current(userId, scope).catch(() => null);
    const identifiers = found ? accounts.identifiersOf(found.user) : [];
    return { id: writeUserId(userId), plainId: plainUserId(userId), scope, identifiers };
  }

  async function view(id: UserId, scope: string): Promise<AccountView | null> {
    const found = await accounts.current(id, scope);
    if (!found) return null;
    return {
      id: writeUserId(found.account.id),
      plainId: plainUserId(found.account.id),
      scope,
      identifiers: accounts.identifiersOf(found.user),
      mayReset: await accounts.mayReset(found.user),
      tokens: listable ? await listable.tokens.liveOf(found.account.id, { scope, now: clock() }) : [],
    };
  }

  /** The account with an id as it was typed, whose type isn't known. */
  async function byPlainId(text: string, scope: string): Promise<AccountView | null> {
    for (const id of readingsOf(text, accounts)) {
      // A database may reject a string where it expects a number.
      const found = await view(id, scope).catch(() => null);
      if (found?.plainId.toLowerCase() === text.toLowerCase()) return found;
    }
    return null;
  }

  async function userOf(id: string, scope: string): Promise<{ user: U; id: UserId }> {
    const found = await accounts.current(accounts.readId(id), scope);
    if (!found) throw new ResetError("unknown_account");
    return { user: found.user, id: found.account.id };
  }

  async function viewsOf(entries: readonly QueuedEntry[]): Promise<readonly EntryView[]> {
    const keyIds = await intents.keyIds();
    return entries.map((entry) => ({
      ...entry,
      isForeign: entry.keyId !== undefined && !keyIds.includes(entry.keyId),
    }));
  }

  const tell = ({ by, request }: Actor, act: Omit<AdminAction, "by" | "request">) =>
    events.tell("adminAction", { ...act, by, request });

  const operations: Operations = {
    listed: kept === 0 ? "none" : kept < parts.kinds.length ? "partly" : "all",
    hasStoredQueue: store?.queue !== undefined,
    now: clock,

    async tokens({ scope, offset, limit }) {
      if (!listable) return { rows: [], count: 0, isSample: false };
      const read = await firstOf(allTokens(listable), sample);
      const now = clock();
      const valid = read
        .filter((row) => row.expiresAt > now && (scope === undefined || row.scope === scope))
        .sort((a, b) => b.createdAt - a.createdAt);
      const rows = [];
      for (const row of valid.slice(offset, offset + limit)) rows.push({ row, account: await nameOf(row) });
      return { rows, count: valid.length, isSample: read.length === sample };
    },

    async find(text, scope) {
      const found = new Map<string, AccountView>();
      const add = (one: AccountView | null) => one && found.set(one.id, one);
      for (const id of await accounts.idsOf(text, scope)) add(await view(id, scope));
      add(await byPlainId(text, scope));
      return [...found.values()];
    },

    account: (id, scope) => view(accounts.readId(id), scope),
    stats: async () => queue.stats(clock(), await intents.keyIds()),
    entries: async (page) => viewsOf(await queue.list(page)),

    async entry(id) {
      const entry = await entryOf(queue, id);
      const [view = null] = entry ? await viewsOf([entry]) : [];
      return view;
    },

    async issue(id, scope, actor) {
      const found = await userOf(id, scope);
      // Without the administrator's own IP address and browser: the user would take them for an attacker's.
      await reset.issueFor(found.user, { scope, waitUntil: actor.waitUntil });
      await tell(actor, { action: "issue", userId: found.id });
    },

    async revoke(id, scope, actor) {
      const found = await userOf(id, scope);
      await reset.revoke(found.user, { scope });
      await tell(actor, { action: "revoke", userId: found.id });
    },

    async drop(id, actor) {
      const entry = await operations.entry(id);
      if (!entry || entry.isForeign) return false;
      await intents.drop(id);
      await tell(actor, { action: "drop", entryId: id, kind: entry.kind });
      return true;
    },
  };
  return operations;
}

/** What a typed id may be: a text, a number, an ObjectId, or bytes. */
function readingsOf(text: string, accounts: Accounts<any>): UserId[] {
  const number = Number(text);
  // Some databases show bytes in capitals.
  const hex = text.toLowerCase();
  const isHex = /^(?:[\da-f]{2}){1,64}$/.test(hex);
  return [
    ...(/^-?\d{1,16}$/.test(text) && Number.isSafeInteger(number) ? [number] : []),
    text,
    ...(isHex && text.length === 24 ? [accounts.readId(`o:${hex}`)] : []),
    ...(isHex ? [accounts.readId(`x:${hex}`)] : []),
  ];
}
