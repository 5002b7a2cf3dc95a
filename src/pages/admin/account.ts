/**
 * The page of one account, and what can be done for it.
 *
 * @module
 */
import type { AccountView } from "../../engine/operations.js";
import { ResetError } from "../../errors.js";
import { html } from "../../html.js";
import type { HttpResponse } from "../../types.js";
import { link, paragraph } from "../layout.js";
import { readPosted } from "../posted-form.js";
import { accountPath, factsOfToken } from "./links.js";
import {
  actForm,
  actorOf,
  facts,
  isOwn,
  notice,
  paths,
  redirect,
  show,
  type AdminPage,
  type AdminVisit,
} from "./page.js";
import { textOf } from "./posted.js";
import { missing, stale } from "./problems.js";

export const account: AdminPage = {
  async GET(visit) {
    const { query, operations, say } = visit;
    const id = query.get("user") ?? "";
    const scope = scopeOf(visit, query.get("scope"));
    const found = isId(id) ? await operations.account(id, scope) : null;
    return found ? showAccount(visit, found) : missing(visit, say.account.gone);
  },
};

/** Queues a reset link. */
export const send = act("sent", async ({ operations }, id, scope, actor) =>
  operations.issue(id, scope, actor),
);

export const revoke = act("revoked", async ({ operations }, id, scope, actor) =>
  operations.revoke(id, scope, actor),
);

/** The outcomes that the URL of an account's page can name. It's a closed list, so that a forged link can't show other text. */
type Outcome = "sent" | "revoked" | "refused" | "unsupported";

function act(
  done: Outcome,
  work: (visit: AdminVisit, id: string, scope: string, actor: ReturnType<typeof actorOf>) => Promise<void>,
): AdminPage {
  return {
    async POST(visit): Promise<HttpResponse> {
      const posted = await readPosted(visit.request, visit.sentences);
      if (!(await isOwn(visit, textOf(posted, "form_token")))) return stale(visit);
      const id = textOf(posted, "user");
      const scope = scopeOf(visit, textOf(posted, "scope"));
      if (!isId(id)) return missing(visit, visit.say.account.gone);
      try {
        await work(visit, id, scope, actorOf(visit));
        return redirect(visit, accountPath({ id, scope }, done));
      } catch (error) {
        const outcome = outcomeOf(error);
        if (outcome) return redirect(visit, accountPath({ id, scope }, outcome));
        if (error instanceof ResetError && error.code === "unknown_account")
          return missing(visit, visit.say.account.gone);
        throw error;
      }
    },
  };
}

function outcomeOf(error: unknown): Outcome | undefined {
  if (!(error instanceof ResetError)) return undefined;
  if (error.code === "vetoed") return "refused";
  return error.code === "unsupported" ? "unsupported" : undefined;
}

/** An administrator of one tenant never leaves it, no matter what a form sends. */
function scopeOf({ admin }: AdminVisit, given: string | null): string {
  return admin.scope ?? (given ?? "").slice(0, 255);
}

/** An id as `writeUserId` writes it. */
function isId(text: string): boolean {
  return text.length <= 1_024 && /^(?:s:\P{C}+|n:-?\d+|b:-?\d+|[xo]:[\da-f]+)$/su.test(text);
}

async function showAccount(visit: AdminVisit, found: AccountView): Promise<HttpResponse> {
  const { say, operations, query, base } = visit;
  const { id, plainId, scope, tokens, mayReset } = found;
  const [name = plainId, ...others] = found.identifiers;
  const hidden = { user: id, scope };
  const sending = await actForm(visit, { path: paths.send, hidden, submit: say.account.send });
  const revoking = await actForm(visit, {
    path: paths.revoke,
    hidden,
    submit: say.account.revoke,
    isQuiet: true,
  });
  return show(visit, {
    section: "links",
    heading: name,
    cookies: sending.cookies,
    body: html`${noticeOf(visit, query.get("done"))}
${facts([
  [say.account.id, plainId],
  [say.account.tenant, scope],
  [say.account.alsoKnownAs, others.join(", "), true],
])}
${!mayReset && paragraph(say.account.notEligible)}
<div class="acts">${mayReset && sending.form}${tokens.length > 0 && revoking.form}</div>
<h2>${operations.listed === "none" ? say.links : say.account.links(tokens.length)}</h2>
${operations.listed === "none" && paragraph(say.list.unlisted)}
${operations.listed === "partly" && paragraph(say.list.partly)}
${tokens.length > 0 && html`<ul class="rows">${[...tokens].reverse().map((row) => html`<li>${factsOfToken(visit, row, true)}</li>`)}</ul>`}
${link(base, say.back)}`,
  });
}

function noticeOf({ say }: AdminVisit, done: string | null) {
  switch (done as Outcome | null) {
    case "sent":
      return notice(say.account.sent);
    case "revoked":
      return notice(say.account.revoked);
    case "refused":
      return notice(say.account.refused, true);
    case "unsupported":
      return notice(say.account.unsupported, true);
    default:
      return false;
  }
}
