import { setTimeout as pause } from "node:timers/promises";
import { passwordReset } from "resetkit";
import { sqlStore } from "resetkit/stores/sql";
import type { PasswordReset, SqlConnection } from "resetkit/types";
import type { Place } from "../database.js";
import { spend } from "../../spend.js";

/**
 * Whose email the attacker requests before their own. `planted` is known, and its lookup takes as long as half a delivery. Not
 * the delivery itself: what is done for an unknown account takes as long as one of the last deliveries, so it would be as slow.
 */
export const subjects = ["known", "unknown", "again", "planted"] as const;
export type Subject = (typeof subjects)[number];

export interface OwnMailPlan {
  readonly place: Place;
  readonly worker: "inside" | "outside";
  /** How long the transport takes, in milliseconds. */
  readonly transport: number;
  readonly rounds: number;
  /** How many attackers are measured at the same time, each at a queue of their own. */
  readonly lanes: number;
}

/** What the lookup of `planted` takes where the transport is instant, in microseconds. */
const plantedWork = 4_000;

export const prefixOf = (lane: number) => `lane${lane}_`;
export const tickOf = ({ transport }: OwnMailPlan) => (transport === 0 ? 10 : 50);

/** Every address is fresh. All but those of `unknown` have an account. */
export function addressOf(who: Subject | "own", lane: number, number: number): string {
  return `${who.padEnd(7, "x")}${lane}-${number}@example.com`;
}

/** One lane's engine. It delivers one email at a time, so whatever takes a place is in the way of the next. */
export function engineOn(
  connection: SqlConnection,
  plan: OwnMailPlan,
  lane: number,
  mode: "inside" | "outside",
  arrived: (address: string) => void,
): PasswordReset<{ email: string }> {
  const look = async (email: string) => {
    // As an application's own look-up, which takes as long for everyone.
    await connection.query({ text: "select 1", rows: true }, []);
    return email.startsWith("unknown") ? null : { email };
  };
  return passwordReset<{ email: string }>({
    users: {
      async findByIdentifier(email) {
        if (email.startsWith("planted")) {
          if (plan.transport > 0) await pause(plan.transport / 2);
          else spend(plantedWork);
        }
        return look(email);
      },
      findById: (id) => look(String(id)),
      idOf: ({ email }) => email,
      identifierOf: ({ email }) => email,
      stateOf: ({ email }) => [email],
      setPassword: () => false,
      revokeSessions: "none",
    },
    secret: "a secret of the timing: 0123456789 abcdefghijklmnopqrstuvwxyz",
    store: sqlStore(connection, { prefix: prefixOf(lane) }),
    url: "https://app.example.com/reset-password/{token}",
    deliver: Object.assign(
      async ({ address }: { address: string }) => {
        if (plan.transport > 0) await pause(plan.transport);
        arrived(address);
      },
      { dryRun: () => undefined },
    ),
    throttles: false,
    worker: { mode, tick: tickOf(plan), concurrency: 1 },
    log: { info() {}, warn() {}, error: console.error },
  });
}
