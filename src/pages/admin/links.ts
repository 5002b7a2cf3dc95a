/**
 * The first page: the valid links, and the search for an account.
 *
 * @module
 */
import { deviceOf } from "../../delivery/email/device.js";
import type { AccountName, TokenList } from "../../engine/operations.js";
import { html, type Html } from "../../html.js";
import { isPlainText } from "../../identity/identifier.js";
import type { TokenRow } from "../../types.js";
import { fields, link, paragraph, type Field } from "../layout.js";
import { readPosted } from "../posted-form.js";
import { textOf } from "./posted.js";
import { stale } from "./problems.js";
import {
  actForm,
  facts,
  isOwn,
  paths,
  redirect,
  show,
  timeOf,
  type AdminPage,
  type AdminVisit,
} from "./page.js";
import { queueSummary } from "./queue.js";

const pageSize = 20;

export const links: AdminPage = {
  async GET(visit) {
    const { say, operations, admin, query } = visit;
    const page = Math.min(Math.max(1, Math.trunc(Number(query.get("page"))) || 1), 1_000);
    const list = await operations.tokens({
      scope: admin.scope,
      offset: (page - 1) * pageSize,
      limit: pageSize,
    });
    const { form, cookies } = await searchForm(visit);
    return show(visit, {
      section: "links",
      heading: say.links,
      cookies,
      body: html`${await queueSummary(visit)}${form}
${listOf(visit, list)}
${pager(visit, page, list.count)}`,
    });
  },
};

/** The search is a POST: an email address in a URL would stay in access logs and in the browser's history. */
export const search: AdminPage = {
  GET: (visit) => redirect(visit, paths.links),

  async POST(visit) {
    const { say, operations, admin } = visit;
    const posted = await readPosted(visit.request, visit.sentences);
    if (!(await isOwn(visit, textOf(posted, "form_token")))) return stale(visit);
    const text = textOf(posted, "account").trim();
    const scope = admin.scope ?? textOf(posted, "scope").trim();
    const again = async (problem: string, status: number) => {
      const { form, cookies } = await searchForm(visit, { text, scope, problem });
      return show(visit, { section: "links", status, heading: say.links, body: form, cookies });
    };
    if (text === "") return again(say.search.blank, 400);
    const isReadable = isPlainText(text) && (scope === "" || isPlainText(scope));
    const found = isReadable ? await operations.find(text, scope) : [];
    const [first, ...others] = found;
    if (!first) return again(say.search.none, 200);
    if (others.length === 0) return redirect(visit, accountPath(first));
    return show(visit, {
      section: "links",
      heading: say.search.several,
      body: html`<ul class="rows">${found.map(
        (one) =>
          html`<li>${accountLink(visit, one)}${facts([
            [say.account.id, one.plainId],
            [say.links, say.account.links(one.tokens.length)],
          ])}</li>`,
      )}</ul>${link(visit.base, say.back)}`,
    });
  },
};

/** The path of an account's page, below the base. */
export function accountPath({ id, scope }: Pick<AccountName, "id" | "scope">, done?: string): string {
  const query = new URLSearchParams({ user: id, ...(scope && { scope }), ...(done && { done }) });
  return `${paths.account}?${query.toString()}`;
}

/** The facts about a token. The list has the browser's short name; the account's page quotes the whole user agent. */
export function factsOfToken({ say }: AdminVisit, row: TokenRow, isFull = false): Html {
  const { link: words } = say;
  return facts([
    [words.created, timeOf(row.createdAt)],
    [words.expires, timeOf(row.expiresAt)],
    [words.email, words.delivery[row.delivery]],
    [words.ip, row.ip],
    [words.issued, row.issued && words.yes],
    [words.code, row.code && words.yes],
    [words.userAgent, (!isFull && deviceOf(row.userAgent)) || row.userAgent, isFull],
  ]);
}

async function searchForm(
  visit: AdminVisit,
  typed: { readonly text?: string; readonly scope?: string; readonly problem?: string } = {},
): Promise<{ form: Html; cookies: readonly string[] }> {
  const { say, admin, query } = visit;
  const common = { type: "text", autocomplete: "off" } as const;
  const account: Field = {
    ...common,
    name: "account",
    label: say.search.label,
    hint: say.search.hint,
    value: typed.text,
    errors: typed.problem === undefined ? [] : [typed.problem],
  };
  // Only for applications with tenants: the first page with `?tenants` in its URL, or a search for one.
  const hasTenants = admin.scope === undefined && (typed.scope || query.has("tenants"));
  const tenant: Field = { ...common, name: "scope", label: say.search.tenant, value: typed.scope };
  return actForm(visit, {
    path: paths.search,
    fields: fields(hasTenants ? [account, tenant] : [account]),
    submit: say.search.submit,
  });
}

function listOf(visit: AdminVisit, { rows, isSample }: TokenList): Html {
  const { say, operations } = visit;
  if (operations.listed === "none") return paragraph(say.list.unlisted);
  return html`${rows.length === 0 && paragraph(say.list.none)}
${rows.length > 0 && html`<ul class="rows">${rows.map(({ row, account }) => html`<li>${accountLink(visit, account)}${factsOfToken(visit, row)}</li>`)}</ul>`}
${operations.listed === "partly" && paragraph(say.list.partly)}
${isSample && paragraph(say.list.sample(new Intl.NumberFormat(say.tag).format(5_000)))}`;
}

function accountLink({ base, say }: AdminVisit, account: AccountName): Html {
  const [name = account.plainId] = account.identifiers;
  return html`<a href="${base}${accountPath(account)}">${name}</a>${account.identifiers.length === 0 && html` <span>${say.account.unreadable}</span>`}${account.scope && html` <span>${say.account.tenant}: ${account.scope}</span>`}`;
}

function pager({ base, say }: AdminVisit, page: number, count: number): Html | false {
  const pages = Math.ceil(count / pageSize);
  if (pages < 2) return false;
  const to = (number: number, text: string) => html`<a href="${base}?page=${number}">${text}</a>`;
  return html`<nav class="pages" aria-label="${say.list.pages}">
${page > 1 && to(page - 1, say.list.newer)}<span>${say.list.page(page, pages)}</span>${page < pages && to(page + 1, say.list.older)}
</nav>`;
}
