/** What is known about the history so far: links in mailboxes, calls, and what is owed. */
import type { Answer, Combination, TokenKind } from "./plan.js";
import type { Person } from "./accounts.js";
import type { Process } from "./scheduler.js";

/** A link, or a code beside it, that went to a mail server. */
export interface Link {
  readonly token: string;
  readonly code: string | undefined;
  readonly codeExpiresAt: number | undefined;
  readonly account: number;
  readonly to: string;
  readonly kind: TokenKind;
  readonly by: "request" | "issueFor";
  /** The secrets and kinds that it was made under. */
  readonly generation: number;
  readonly expiresAt: number;
  /** The account as it was when the token was made. */
  readonly bound: Person;
  /** When it was handed to the mail server. */
  readonly startedAt: number;
  /** By whom, and how many faults had hit it when the mail server had accepted the mail. */
  readonly process: Process;
  faultsThen: number | undefined;
  /** When it was in the mailbox. */
  mailedAt: number | undefined;
  /** Whether the engine knows that it's there, and could write it down. */
  isKnown: boolean;
  /** The call that changed the password with it. */
  usedBy: number | undefined;
}

export type Outcome = "open" | "lost" | "ok" | "invalid_token" | "unavailable" | (string & {});

export interface Call {
  readonly id: number;
  readonly kind: "request" | "validate" | "confirm" | "issueFor" | "revoke" | "clearExpired";
  readonly process: Process;
  readonly generation: number;
  readonly startedAt: number;
  readonly startedOn: number;
  readonly ip?: string | undefined;
  /** What a request was for, and what a code was entered beside. */
  readonly identifier?: string | undefined;
  readonly link?: Link | undefined;
  readonly account?: number | undefined;
  readonly by?: "link" | "code" | "garbage" | undefined;
  readonly password?: string | undefined;
  readonly answer?: Answer | undefined;
  /** Whether the call waits until its email is accepted. */
  readonly wait?: boolean | undefined;
  /** Whether the link was good, as far as the model knows, when the call began. */
  readonly wasGood?: boolean | undefined;
  /** Faults of anything, when the call began. */
  readonly faultsBefore: number;
  readonly faultsThen: Process["faults"];
  endedAt: number | undefined;
  outcome: Outcome;
  /** When hashing began and ended. */
  hashingAt: number | undefined;
  hashedAt: number | undefined;
  /** Whether the password was stored. */
  hasSet: boolean;
}

export interface Mail {
  readonly kind: "reset" | "changed" | "unknown" | "ineligible";
  readonly to: string;
  readonly account: number | undefined;
  readonly at: number;
}

/** A password that a reset has changed: what must follow is owed. */
export interface Debt {
  readonly account: number;
  readonly at: number;
  /** Tokens made before this, by any clock, are revoked. Those made while the password was stored just don't work. */
  readonly revokesBefore: number;
  readonly address: string;
}

export interface Refusal {
  readonly account: number | undefined;
  readonly reason: string;
  readonly at: number;
}

export class Model {
  readonly links: Link[] = [];
  readonly calls: Call[] = [];
  readonly mails: Mail[] = [];
  readonly debts: Debt[] = [];
  readonly refusals: Refusal[] = [];
  /** By the wall clock, when work was given up for good. */
  readonly givenUp: number[] = [];
  readonly revokes: Call[] = [];
  /** Wrong answers to the second factor of an account, as it is counted. */
  readonly wrongAnswers = new Map<string, number>();
  /** The most calls that came while the queue may not have been counted. */
  mostAtOnce = 0;
  /** When the queue was last seen to hold so much that requests may be refused for it. */
  crowdedAt = -Infinity;
  readonly combination: Combination;

  constructor(combination: Combination) {
    this.combination = combination;
  }

  /** What a kind of token is bound to, of an account. */
  bindingOf(kind: TokenKind, person: Person): unknown[] {
    if (kind === "django") return [person.password, person.lastLogin, person.email];
    const login = this.combination.tokens.includes("django") ? [person.lastLogin] : [];
    const state = [Boolean(person.active), person.email, ...login];
    return this.combination.constantState ? state : [person.password, ...state];
  }

  /** Whether a link must work: nothing that may end it has happened. `undefined` where either is right. */
  isGood(link: Link, person: Person, clock: number): boolean | undefined {
    if (link.mailedAt === undefined) return undefined;
    const bound = JSON.stringify(this.bindingOf(link.kind, link.bound));
    const isSameState = bound === JSON.stringify(this.bindingOf(link.kind, person));
    if (link.usedBy !== undefined || !isSameState || clock > link.expiresAt + skew) return false;
    if (!person.active || person.hold) return false;
    const revoked = this.revokes.filter(({ account }) => account === link.account);
    if (revoked.some(({ startedAt, outcome }) => outcome === "ok" && startedAt > link.startedAt))
      return false;
    const untouched = link.bound.version === person.version && link.isKnown && clock < link.expiresAt - skew;
    // By another clock, a token made just after a change was made before it.
    const mayBeSwept = this.debts.some(
      ({ account, at }) => account === link.account && Math.abs(link.startedAt - at) < skew,
    );
    if (mayBeSwept) return undefined;
    const mayBeRevoked = revoked.some(({ endedAt = Infinity }) => endedAt >= link.startedAt - 600_000);
    return untouched && !mayBeRevoked && !this.#mayBeReplaced(link) ? true : undefined;
  }

  /** Only a newer mail ends an older link, and only when the account has as many as it may. */
  #mayBeReplaced(link: Link): boolean {
    if (link.kind === "signed" || link.kind === "django") return false;
    const newer = this.links.filter(
      (other) =>
        other !== link &&
        other.account === link.account &&
        other.by === link.by &&
        other.mailedAt !== undefined &&
        // Two that are made in one moment may be mailed in either order.
        other.startedAt >= link.startedAt - skew,
    );
    return newer.length >= (link.by === "issueFor" ? 1 : this.combination.maxLive);
  }
}

/** What clocks of processes may differ by, and a little. */
export const skew = 5_000;
