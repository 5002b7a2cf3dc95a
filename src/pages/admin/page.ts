import type { Actor, Operations } from "../../engine/operations.js";
import { originOf } from "../../engine/input.js";
import { html, raw, type Html, type HtmlValue } from "../../html.js";
import { documentOf } from "../../html/document.js";
import type { AdminSentences } from "../../locales/admin/en.js";
import { inWords } from "../../locales/in-words.js";
import type { Sentences } from "../../locales/en.js";
import type { HttpRequest, HttpResponse, ResetContext } from "../../types.js";
import { formToken, isOwnForm } from "../csrf.js";
import type { Administrator, AdminSite } from "./options.js";

/** An administrator's request, with everything that a page needs to respond. */
export interface AdminVisit {
  readonly site: AdminSite;
  readonly request: HttpRequest;
  readonly context: ResetContext;
  readonly admin: Administrator;
  readonly operations: Operations;
  readonly say: AdminSentences;
  /** The texts that these pages share with the reset pages. */
  readonly sentences: Sentences;
  /** The path of the first page in the browser's address bar. */
  readonly base: string;
  readonly query: URLSearchParams;
}

/** A page, with a function per method. HEAD is GET without the body. */
export interface AdminPage {
  readonly GET?: (visit: AdminVisit) => Promise<HttpResponse>;
  readonly POST?: (visit: AdminVisit) => Promise<HttpResponse>;
}

/** The paths of the pages, below the base. */
export const paths = {
  links: "",
  search: "/search",
  account: "/account",
  send: "/send",
  revoke: "/revoke",
  queue: "/queue",
  drop: "/queue/drop",
} as const;

export interface ShownToAdmin {
  readonly status?: number;
  readonly heading: string;
  /** Which entry of the menu the page belongs to. */
  readonly section?: "links" | "queue";
  readonly body: HtmlValue;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
}

export async function show(visit: AdminVisit, page: ShownToAdmin): Promise<HttpResponse> {
  const { site, say } = visit;
  const { heading, cookies = [] } = page;
  const document = documentOf({
    language: say.tag,
    title: heading,
    appName: site.appName,
    style: site.style,
    icon: "key",
    heading,
    body: html`${menu(visit, page.section)}
${page.body}`,
  });
  return {
    status: page.status ?? 200,
    headers: {
      ...(await site.headers()),
      "content-type": "text/html; charset=utf-8",
      ...(cookies.length > 0 && { "set-cookie": cookies }),
      ...page.headers,
    },
    body: String(document),
  };
}

/** Redirects with a GET, so that reloading the page doesn't act again. */
export async function redirect({ site, base }: AdminVisit, target: string): Promise<HttpResponse> {
  return { status: 303, headers: { ...(await site.headers()), location: base + target }, body: "" };
}

function menu({ base, say, admin }: AdminVisit, section: ShownToAdmin["section"]): Html {
  const current = (name: string) => raw(name === section ? ' aria-current="page"' : "");
  return html`<nav aria-label="${say.sections}">
<a href="${base}"${current("links")}>${say.links}</a>
${admin.scope === undefined && html`<a href="${base}${paths.queue}"${current("queue")}>${say.queue}</a>`}
</nav>`;
}

/** A POST form with this browser's CSRF token and hidden fields. */
export async function actForm(
  visit: AdminVisit,
  options: {
    readonly path: string;
    readonly hidden?: Readonly<Record<string, string>>;
    readonly fields?: HtmlValue;
    readonly submit: string;
    readonly isQuiet?: boolean;
  },
): Promise<{ readonly form: Html; readonly cookies: readonly string[] }> {
  const { token, cookies } = await formToken(visit, "admin");
  const { fields, hidden = {} } = options;
  const form = html`<form method="post" action="${visit.base}${options.path}" novalidate>
<input type="hidden" name="form_token" value="${token}">
${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${fields}
<button type="submit"${raw(options.isQuiet ? ' class="quiet"' : "")}>${options.submit}</button>
</form>`;
  return { form, cookies };
}

export const isOwn = (visit: AdminVisit, token: string): Promise<boolean> => isOwnForm(visit, "admin", token);

/** Who acts, for the `adminAction` event. */
export function actorOf({ admin, context }: AdminVisit): Actor {
  return { by: admin.name, request: originOf(context), waitUntil: context.waitUntil };
}

/** Says what happened. Screen readers announce it. */
export function notice(text: string, isBad = false): Html {
  return html`<p class="notice${isBad ? " bad" : ""}" role="status">${text}</p>`;
}

/** A list of names and values. Those without a value are left out. */
export function facts(list: readonly (readonly [name: string, value: HtmlValue, isLong?: boolean])[]): Html {
  const known = list.filter(([, value]) => value !== undefined && value !== "" && value !== false);
  return html`<dl>${known.map(([name, value, isLong]) => html`<div${raw(isLong ? ' class="long"' : "")}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** `2026-01-15 12:00 UTC`: a team may work in several time zones, and logs are in UTC. */
export function timeOf(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(0, 16).replace("T", " ")} UTC</time>`;
}

/** `"4 minutes"`. */
export function ageOf({ operations, say }: AdminVisit, at: number): string {
  return inWords(Math.max(0, (operations.now() - at) / 1_000), say, Math.floor);
}
