import { ResetError } from "../errors.js";
import { describeError } from "../runtime/log.js";
import type { Awaitable, HttpRequest, Log, ResetContext, Stage } from "../types.js";
import type { Members } from "./body.js";

/** The application's own decision, before a request counts. `false` rejects the request. */
export type Gate<R = any> = (attempt: GateAttempt<R>) => Awaitable<boolean | undefined | void>;

/** A request as a gate sees it. */
export interface GateAttempt<R = any> {
  readonly stage: Stage;
  /** All properties of the body except token, password, and second factor. Only the identifier was checked. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
  /** A header of the request, by its lowercase name. */
  readonly header: (name: string) => string | undefined;
  readonly request: R;
}

/** What a gate sees of a request. Only the engine sees token and password. */
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

/** Throws `vetoed` if the gate returns `false`, or if it throws. */
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
