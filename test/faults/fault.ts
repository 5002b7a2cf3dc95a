/** One fault: at which call of a port, on which side of it, and what happens there. */
import type { Around } from "./ports.js";

export type Kind = "kill -9" | "throw" | "hang" | "connection reset" | "database restart";

export interface Fault {
  readonly kind: Kind;
  /** The how manieth call of the stage, from 0. */
  readonly call: number;
  readonly side: "before" | "after";
}

/** How to do harm, for the faults that need a hand. */
export interface Harm {
  /** Ends this process at once. */
  kill?(): void;
  /** Hears that nothing more will come. */
  hang?(): void;
  /** Cuts the connections to the database. */
  cut?(): Promise<void>;
  /** Stops the database and starts it again. */
  restart?(): Promise<void>;
}

/** Lets one call of the ports meet the fault, and all others pass. */
export function meeting(fault: Fault, harm: Harm): Around {
  let calls = 0;

  async function strike(): Promise<void> {
    if (fault.kind === "throw") throw new Error("a fault");
    if (fault.kind === "connection reset") return harm.cut!();
    if (fault.kind === "database restart") return harm.restart!();
    if (fault.kind === "kill -9") harm.kill!();
    else harm.hang!();
    await new Promise(() => undefined);
  }

  return async (_point, _args, call) => {
    const isMet = calls++ === fault.call;
    if (isMet && fault.side === "before") await strike();
    const answer = await call();
    if (isMet && fault.side === "after") {
      await strike();
      // The call was carried out, but its answer is lost with the connection.
      throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    }
    return answer;
  };
}

/** Notes the names of all calls, in their order. */
export function noting(names: string[]): Around {
  return (point, _args, call) => {
    names.push(point);
    return call();
  };
}
