/**
 * The flood: 200,000 requests from 50,000 networks in ten minutes, while owners ask for their own reset.
 *
 * Three of four requests are spread evenly, three from each network. The others come from ten networks that send as fast as
 * they can. Sixty of a hundred name accounts that don't exist, thirty name one of many victims, and ten name one owner.
 *
 * @module
 */

export interface Plan {
  readonly database: "sqlite" | "postgres";
  /** The URL of PostgreSQL, or the file of SQLite. */
  readonly url: string;
  readonly requests: number;
  readonly networks: number;
  /** Owners who ask once each, at even times, from addresses of their own. */
  readonly owners: number;
  /** How long the flood lasts by the engine's clock, in milliseconds. */
  readonly lasts: number;
  /** How many times as fast the engine's clock runs. */
  readonly speed: number;
  readonly throttles: "fair" | false;
  readonly maxWaiting: number;
  /** `"nine"`: at most nine entries at each look, so that the queue fills. */
  readonly worker: "usual" | "nine";
}

export interface Ask {
  readonly ip: string;
  readonly email: string;
  readonly owner?: number;
}

/** Networks that send as fast as they can. The last is a /48 of IPv6 that uses a new /64 each time. */
export const loud = 10;
/** How many requests in an hour `"fair"` allows one IP address, and a /48. */
const allowed = { address: 120, site: 480 };
export const target = "target@example.com";

export const victimOf = (n: number) => `victim${n}@example.com`;
export const ownerOf = (n: number) => `owner${n}@example.com`;
export const victimsOf = ({ requests }: Plan) => Math.max(1, Math.floor(requests / 40));

const perLoud = ({ requests }: Plan) => Math.floor(requests / 4 / loud);

/** How many requests `"fair"` must refuse: all that is too much of each loud network, and nothing else. */
export function refusedOf(plan: Plan): number {
  if (plan.throttles === false) return 0;
  const each = perLoud(plan);
  return (loud - 1) * Math.max(0, each - allowed.address) + Math.max(0, each - allowed.site);
}

/** All requests of the flood, in an order that mixes networks and accounts. */
export function* floodOf(plan: Plan): Generator<Ask> {
  const { requests } = plan;
  // Coprime to the count, so every index comes once.
  let step = Math.floor(requests * 0.618) | 1;
  while (greatestCommonDivisor(step, requests) !== 1) step += 2;
  for (let n = 0, index = 0; n < requests; n++, index = (index + step) % requests) yield askOf(plan, index);
}

function askOf(plan: Plan, index: number): Ask {
  const loudOnes = loud * perLoud(plan);
  if (index < loudOnes) {
    const which = index % loud;
    const turn = Math.floor(index / loud).toString(16);
    const ip = which === loud - 1 ? `2001:db8:ffff:${turn}::1` : `198.51.${which}.9`;
    return { ip, email: `nobody${index}@example.org` };
  }
  const quiet = index - loudOnes;
  const ip = addressIn(quiet % (plan.networks - loud));
  const kind = Math.floor((quiet * 7) / 3) % 10;
  if (kind === 9) return { ip, email: target };
  if (kind >= 6) return { ip, email: victimOf(quiet % victimsOf(plan)) };
  return { ip, email: `nobody${index}@example.org` };
}

/** An owner's own request: nothing else comes from that network. */
export function ownAsk(n: number): Ask {
  return { ip: `192.${n >> 8}.${n & 255}.5`, email: ownerOf(n), owner: n };
}

/** Each in a /24 of its own; every fifth in a /48 of IPv6. */
function addressIn(network: number): string {
  if (network % 5 === 4) return `2001:db8:${network.toString(16)}::7`;
  return `${11 + (network >> 16)}.${(network >> 8) & 255}.${network & 255}.7`;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
