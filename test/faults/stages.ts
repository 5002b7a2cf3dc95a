/** What the process that will meet a fault is doing. */
import type { Engine } from "./engine.js";
import type { Person } from "./accounts.js";

export interface Work {
  readonly person: Person;
  /** For `confirm`. */
  readonly token: string;
}

export type Stage = "ask" | "confirm" | "tidy" | "work";
export type Say = (what: "accepted" | "confirmed" | "refused") => void;

export const newPassword = "a Very-g00d passphrase";

export const stages: Record<Stage, (engine: Engine, work: Work, say: Say) => Promise<void>> = {
  async ask({ reset }, { person }, say) {
    await reset.request({ identifier: person.email }, { ip: "192.0.2.7" });
    say("accepted");
    await reset.drain();
  },
  async confirm({ reset, presented }, { person, token }, say) {
    await reset.confirm({ ...presented(person, token), password: newPassword }, { ip: "192.0.2.7" });
    say("confirmed");
    await reset.drain();
  },
  async work({ reset }, _work, say) {
    say("accepted");
    await reset.drain();
  },
  async tidy({ reset }) {
    await reset.clearExpired();
  },
};
