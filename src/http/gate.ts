import { ResetError } from "../errors.js";
import { describeError } from "../runtime/log.js";
import type { Awaitable, HttpRequest, Log, ResetContext, Stage } from "../types.js";
import type { Members } from "./body.js";

/** The application's own say, before a request counts. `false` refuses. */
export type Gate<R = any> = (attempt: GateAttempt<R>) => Awaitable<boolean | undefined | void>;

/** A request as a gate sees it. */
export interface GateAttempt<R = any> {
  readonly stage: Stage;
  /** All members of the body except token, password, and second factor. Nothing of it was checked, besides the identifier. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
  /** A header of the request, by its lower-case name. */
  readonly header: (name: string) => string | undefined;
  readonly request: R;
}

/** Shows a request to a gate. Token and password are the engine's alone. */
export function attemptOf<R>(
  stage: Stage,
  request: HttpRequest,
  { ip, userAgent }: ResetContext,
  members: Members,
): GateAttempt<R> {
  const fields = Object.create(null) as Record<string, unknown>;
  for (const name of members.names()) {
    if (!secretFields.has(name)) fields[name] = members.get(name);
  }
  const header = (name: string) => request.header(name);
  return { stage, fields, ip, userAgent, header, request: (request.raw ?? request) as R };
}

const secretFields: ReadonlySet<string> = new Set(["token", "password", "second_factor"]);

/** Throws `vetoed` where the gate says no. A gate that is broken says no, too. */
export async function passGate<R>(gate: Gate<R>, attempt: GateAttempt<R>, log: Log): Promise<void> {
  let hasPassed: boolean | undefined | void;
  try {
    hasPassed = await gate(attempt);
  } catch (error) {
    if (error instanceof ResetError) throw error;
    log.warn(`The gate threw, so a ${attempt.stage} was rejected: ${describeError(error)}`);
    throw new ResetError("vetoed", { cause: error });
  }
  if (hasPassed === false) throw new ResetError("vetoed");
}
