import { busyTimes, type Frame, readProfile } from "./profile.js";

/** On what a server's main thread spends its time. */
export const purposes = [
  "database: statements sent",
  "database: driver and answers",
  "hashes and random bytes",
  "the handler itself",
  "Node's HTTP, streams and timers",
  "answers sent",
  "garbage collection",
  "kernel and V8 beside them",
] as const;

export type Purpose = (typeof purposes)[number];

/** The share of each purpose in the time of a process that was not idle. */
export type Shares = Readonly<Record<Purpose, number>>;

/** What the process of a profile spent its time on. */
export async function sharesOf(file: string): Promise<Shares> {
  const profile = await readProfile(file);
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const stackOf = (id: number | undefined): Frame[] =>
    id === undefined ? [] : [frames.get(id)!, ...stackOf(parents.get(id))];
  const { times, total } = busyTimes(profile, (_, id) => purposeOf(stackOf(id)));
  const shares = purposes.map((purpose) => [purpose, (times.get(purpose) ?? 0) / total]);
  return Object.fromEntries(shares) as Shares;
}

const isWrite = ({ functionName, url }: Frame) =>
  url === "" && /^write(v|Buffer|\w+String)$/.test(functionName);
/** Drivers; and who calls SQLite, of which the native code counts as its caller's. */
const isDriver = ({ url }: Frame) =>
  /\/node_modules\/(pg|pg-\w+|better-sqlite3)\/|\/(sync-sqlite|transaction|bare-store|accounts)\.js$/.test(
    url,
  );
const isNode = ({ url }: Frame) => url === "" || url.startsWith("node:");
const isCrypto = ({ url }: Frame) => /^node:(internal\/)?crypto/.test(url);

/** Of the stack of a sample, the innermost frame first. */
function purposeOf(stack: readonly Frame[]): Purpose {
  const [frame] = stack as [Frame];
  if (frame.functionName === "(garbage collector)") return "garbage collection";
  if (frame.functionName === "(program)" || frame.functionName === "(root)")
    return "kernel and V8 beside them";
  // What Node or native code does is done for the first of ours, or of a driver's, that it was called from.
  const caller = stack.findIndex((one) => !isNode(one));
  const within = caller < 0 ? stack : stack.slice(0, caller);
  const owner = stack[caller];
  if (within.some(isCrypto)) return "hashes and random bytes";
  if (owner && isDriver(owner)) {
    return within.some(isWrite) ? "database: statements sent" : "database: driver and answers";
  }
  if (within.some(isWrite)) return "answers sent";
  const isNative = owner && within.every(({ url }) => url === "");
  return caller === 0 || isNative ? "the handler itself" : "Node's HTTP, streams and timers";
}
