/**
 * Who sent a request: IP address, user agent, and language. Nothing that a client sends can cause an error here.
 *
 * @module
 */
import { assertInteger, UsageError } from "../check-options.js";
import { formatIp, isIpv4, isWithin, parseIp, parseNetwork, type Network } from "../identity/ip.js";
import type { Languages } from "../locales/lookup.js";
import type { HttpRequest, Log, ResetContext } from "../types.js";

export interface VisitorOptions {
  /**
   * The header to which the proxy writes the client's IP address. Default `"x-forwarded-for"`; read only with
   * `trustProxy`.
   */
  readonly ipHeader?: string;
  /** Default `"user-agent"`. */
  readonly userAgentHeader?: string;
  /**
   * Reverse proxies to trust: how many, or their addresses and networks. Default: none, so the client is the peer.
   * `0` states that there's no proxy, so a forwarded header isn't reported.
   */
  readonly trustProxy?: number | readonly string[];
}

/**
 * Completes what the caller (`given`) and the application (`own`) say about a request with what the request itself
 * says.
 */
export type Visitor = (request: HttpRequest, given: ResetContext, own: ResetContext) => ResetContext;

/** Throws a `TypeError` for an invalid header name or proxy. */
export function createVisitor(
  options: VisitorOptions,
  log: Log,
  {
    prefer = ([best]) => best,
    onForwarded = () => undefined,
  }: { readonly prefer?: Languages["prefer"]; readonly onForwarded?: () => void } = {},
): Visitor {
  const { ipHeader, userAgentHeader = "user-agent", trustProxy } = options;
  const forwarded = headerName(ipHeader ?? "x-forwarded-for", "ipHeader");
  const agentHeader = headerName(userAgentHeader, "userAgentHeader");
  const findClient = trustProxy === undefined ? undefined : clientFinder(trustProxy);
  let hasTold = false;

  const addressOf = (request: HttpRequest): string | undefined => {
    const peer = request.ip && (dotted.test(request.ip) ? request.ip : plainAddress(request.ip));
    const list = request.header(forwarded);
    if (list === undefined) return peer;
    if (findClient) return findClient(hopsOf(list, forwarded), peer);
    if (!hasTold) {
      hasTold = true;
      onForwarded();
      const { app } = (request.raw ?? {}) as { app?: { get?: (name: string) => unknown } };
      const own = app?.get?.("trust proxy") ? ` Express's own "trust proxy" isn't read.` : "";
      log.error(
        `A request came with the header ${forwarded}, which isn't read.${own} Behind a reverse proxy, all clients share its address and one rate limit. Set trustProxy to the number or the addresses of your proxies, or to 0 if there's no proxy.`,
      );
    }
    return peer;
  };

  return (request, given, own) => ({
    ip: given.ip ?? own.ip ?? addressOf(request),
    userAgent: given.userAgent ?? own.userAgent ?? agentOf(request.header(agentHeader)),
    locale: given.locale ?? own.locale ?? prefer(likedBy(request.header("accept-language"))),
    scope: given.scope ?? own.scope,
    data: given.data ?? own.data,
    waitUntil: boundWaitUntil(given) ?? boundWaitUntil(own),
  });
}

/** Platforms' own contexts have it as a method, which fails without its object. */
function boundWaitUntil(context: ResetContext): ResetContext["waitUntil"] {
  return context.waitUntil?.bind(context);
}

function headerName(name: unknown, option: string): string {
  if (typeof name === "string" && /^[\w-]{1,64}$/.test(name)) return name.toLowerCase();
  throw new UsageError(`${option} is ${String(name)}. Use the name of a header, such as "x-forwarded-for".`);
}

type ClientFinder = (hops: readonly string[], peer: string | undefined) => string | undefined;

/**
 * Each proxy adds its peer address on the right, so an entry can be trusted only if all entries to the right of it were
 * written by trusted proxies. If the runtime doesn't report the peer address, the peer counts as a proxy. An entry that
 * isn't an IP address hides the client: the proxy that wrote it then counts in its place, so that a rate limit still
 * applies.
 */
function clientFinder(trustProxy: number | readonly string[]): ClientFinder {
  const isTrusted = trustRule(trustProxy);
  return (hops, peer) => {
    let client = peer;
    for (const [hop, address] of [...hops].reverse().entries()) {
      const next = isTrusted(client, hop) ? plainAddress(address) : undefined;
      if (next === undefined) return client;
      client = next;
    }
    return client;
  };
}

type TrustRule = (address: string | undefined, hop: number) => boolean;

function trustRule(trustProxy: unknown): TrustRule {
  if (!Array.isArray(trustProxy)) {
    if (typeof trustProxy !== "number") {
      throw new UsageError(
        `trustProxy is ${JSON.stringify(trustProxy)}. Use the number of your proxies, or an array of their addresses, such as ["10.0.0.0/8"].`,
      );
    }
    assertInteger(trustProxy, "trustProxy", 0, 32);
    return (_address, hop) => hop < trustProxy;
  }
  const networks = trustProxy.map(trustedNetwork);
  return (address) => {
    const ip = address === undefined ? null : parseIp(address);
    return ip === null || networks.some((network) => isWithin(network, ip));
  };
}

function trustedNetwork(text: unknown): Network {
  const network = typeof text === "string" ? parseNetwork(text) : null;
  // The widest private networks: 10.0.0.0/8, and fc00::/7 (RFC 1918, RFC 4193).
  const widest = network && isIpv4(network.ip) ? 96 + 8 : 7;
  if (network && network.bits >= widest) return network;
  throw new UsageError(
    `trustProxy has ${JSON.stringify(text)}, which ${network ? "would trust almost every client" : "isn't an IP address"}. List only your own proxies, such as "10.0.0.0/8".`,
  );
}

function hopsOf(list: string, header: string): readonly string[] {
  const hops = list.split(",");
  if (header !== "forwarded") return hops;
  // RFC 7239 §4: the parameter `for` of each element.
  return hops.map((hop) => /(?:^|;)\s*for=(?:"([^"]*)"|([^;\s]*))/i.exec(hop)?.slice(1).join("") ?? "");
}

/** The addresses of most connections are already in their canonical form. */
const dotted = /^\d{1,3}(?:\.\d{1,3}){3}$/;

function plainAddress(text: string): string | undefined {
  const ip = parseIp(text);
  return ip ? formatIp(ip) : undefined;
}

const maxAgent = 512;
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029]/gu;

/** Bounded, and on one line: it's stored, and shown in logs and emails. */
function agentOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const agent = header.slice(0, maxAgent).replace(unprintable, " ").trim();
  return agent === "" ? undefined : agent;
}

// The quality `0` needs no match: an element that doesn't match isn't liked either.
const languageRange = /^\s*([a-z]{2,3}(?:-[a-z\d]{2,8}){0,3})\s*(?:;\s*q=(0?\.\d{1,3}|1(?:\.0{0,3})?)\s*)?$/i;

/** The languages that a client accepts, the preferred ones first (RFC 9110 §12.5.4). Only the first ten are read. */
function likedBy(header: string | undefined): readonly string[] {
  if (header === undefined) return [];
  const liked: { readonly tag: string; readonly quality: number }[] = [];
  for (const element of header.slice(0, 256).split(",", 10)) {
    const [, tag, quality = "1"] = languageRange.exec(element) ?? [];
    if (tag !== undefined && Number(quality) > 0) liked.push({ tag, quality: Number(quality) });
  }
  return liked.sort((a, b) => b.quality - a.quality).map(({ tag }) => tag);
}
