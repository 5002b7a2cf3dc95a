import type { Family } from "./databases.js";
import type { Workload } from "./requests.js";
import type { ServerOptions } from "./system.js";

export interface System {
  readonly name: string;
  readonly family: Family;
  readonly options: Pick<
    ServerOptions,
    "program" | "framework" | "change" | "hashing" | "threads" | "worker"
  >;
}

/**
 * How a system is loaded: as fast as it answers; at a steady rate, until the mails have come; or as fast as it
 * answers while somebody else validates at a steady rate.
 */
export type Kind = "full" | "mail" | "isolation";

/** Systems that take turns at one kind of work. */
export interface Contest {
  readonly name: string;
  readonly kind: Kind;
  readonly workload: Workload;
  readonly systems: readonly System[];
  readonly hash: ServerOptions["hash"];
  readonly seconds: number;
  /** … that answers are waited for at once; or requests a second. */
  readonly connections: number;
  readonly rounds: number;
  readonly warmUps: number;
}

const onNodeHttp = { framework: "node", change: "lock", worker: "none" } as const;
const ours = (framework: ServerOptions["framework"], name: string): System => ({
  name: `resetkit, ${name}`,
  family: "resetkit",
  options: { ...onNodeHttp, program: "resetkit", framework },
});
const theirs = (name: string, program: "bare" | "tuned" | "hash"): System => ({
  name,
  family: "bare",
  options: { ...onNodeHttp, program },
});
const oursWith = (name: string, options: Partial<System["options"]>): System => ({
  ...onNode,
  name: `resetkit, ${name}`,
  options: { ...onNode.options, ...options },
});

export const bare = theirs("bare node:http", "bare");
export const hashAlone = theirs("the hash alone", "hash");
export const bareFastify: System = {
  ...bare,
  name: "bare Fastify",
  options: { ...bare.options, framework: "fastify" },
};
export const bareTuned = theirs("bare, tuned", "tuned");
export const onNode = ours("node", "node:http");
export const onFastify = ours("fastify", "Fastify");
export const onExpress = ours("express", "Express");
export const inSteps = oursWith("in steps", { change: "steps" });
export const workerInside = oursWith("worker inside", { worker: "inside" });
export const workerOutside = oursWith("worker outside", {});
export const unlimited = oursWith("hashes unlimited", { hashing: 1_000 });
export const oneHash = oursWith("one hash at a time", { hashing: 1 });
export const inThreads = oursWith("hashes in threads that give way", { hashing: 3, threads: 3 });
export const betterAuth: System = {
  name: "Better Auth",
  family: "better-auth",
  options: { ...onNodeHttp, program: "better-auth" },
};

const everyone = [bare, bareTuned, bareFastify, onNode, onFastify, onExpress, betterAuth];
const quickly = { kind: "full", hash: "none", seconds: 1, connections: 32, rounds: 11, warmUps: 3 } as const;

export const contests: readonly Contest[] = [
  {
    ...quickly,
    name: "request",
    workload: "request",
    systems: [bare, bareTuned, onNode, onFastify, onExpress, betterAuth],
  },
  { ...quickly, name: "validate", workload: "validate", systems: everyone },
  { ...quickly, name: "invalid", workload: "invalid", systems: everyone },
  {
    ...quickly,
    name: "confirm",
    workload: "confirm",
    systems: [bare, onNode, inSteps, onFastify, onExpress, betterAuth],
  },
  {
    name: "argon2id",
    kind: "full",
    workload: "confirm",
    systems: [hashAlone, bare, onNode, inThreads, onFastify, onExpress, betterAuth],
    hash: "argon2id",
    seconds: 3,
    connections: 16,
    rounds: 5,
    warmUps: 1,
  },
  {
    name: "mail",
    kind: "mail",
    workload: "request",
    systems: [bare, workerInside, workerOutside],
    hash: "none",
    seconds: 4,
    connections: 200,
    rounds: 5,
    warmUps: 1,
  },
  {
    name: "isolation",
    kind: "isolation",
    workload: "confirm",
    systems: [bare, onNode, unlimited, oneHash, inThreads, betterAuth],
    hash: "argon2id",
    seconds: 4,
    connections: 8,
    rounds: 5,
    warmUps: 1,
  },
];
