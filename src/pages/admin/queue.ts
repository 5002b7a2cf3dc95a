/**
 * The queue: how long its oldest job has waited, which jobs fail and why, and the page for dropping a job.
 *
 * @module
 */
import type { EntryView } from "../../engine/operations.js";
import { html, type Html } from "../../html.js";
import { link, paragraph } from "../layout.js";
import { readPosted } from "../posted-form.js";
import {
  actForm,
  actorOf,
  ageOf,
  facts,
  isOwn,
  notice,
  paths,
  redirect,
  show,
  timeOf,
  type AdminPage,
  type AdminVisit,
} from "./page.js";
import { textOf } from "./posted.js";
import { missing, stale } from "./problems.js";

const pageSize = 20;

export const queue: AdminPage = {
  async GET(visit) {
    const { say, operations, query, base } = visit;
    const after = query.get("after") ?? undefined;
    // One more than the page shows, to find out whether there's another page.
    const read = await operations.entries({
      after: after !== undefined && isEntryId(after) ? after : undefined,
      limit: pageSize + 1,
    });
    const entries = read.slice(0, pageSize);
    const last = entries.at(-1);
    return show(visit, {
      section: "queue",
      heading: say.queue,
      body: html`${query.get("done") === "dropped" && notice(say.drop.done)}
${paragraph(await waitingSentence(visit))}
${!operations.hasStoredQueue && paragraph(say.jobs.inMemory)}
${entries.length === 0 && paragraph(say.jobs.none)}
${entries.length > 0 && html`<ul class="rows">${entries.map((entry) => entryOf(visit, entry))}</ul>`}
${
  (after !== undefined || read.length > pageSize) &&
  html`<nav class="pages" aria-label="${say.list.pages}">
${after !== undefined && html`<a href="${base}${paths.queue}">${say.list.first}</a>`}
${read.length > pageSize && last && html`<a href="${base}${paths.queue}?after=${last.id}">${say.list.next}</a>`}
</nav>`
}`,
    });
  },
};

export const drop: AdminPage = {
  async GET(visit) {
    const { say, operations, query, base } = visit;
    const id = query.get("id") ?? "";
    const entry = isEntryId(id) ? await operations.entry(id) : null;
    if (!entry || entry.isForeign) return missing(visit, say.drop.gone);
    const { form, cookies } = await actForm(visit, {
      path: paths.drop,
      hidden: { id },
      submit: say.drop.submit,
    });
    return show(visit, {
      section: "queue",
      heading: say.drop.title,
      cookies,
      body: html`${paragraph(say.drop.effects[entry.kind ?? "unknown"])}
${factsOf(visit, entry)}${form}${link(base + paths.queue, say.drop.cancel)}`,
    });
  },

  async POST(visit) {
    const { say, operations, request, sentences } = visit;
    const posted = await readPosted(request, sentences);
    if (!(await isOwn(visit, textOf(posted, "form_token")))) return stale(visit);
    const id = textOf(posted, "id");
    const isDropped = isEntryId(id) && (await operations.drop(id, actorOf(visit)));
    return isDropped ? redirect(visit, `${paths.queue}?done=dropped`) : missing(visit, say.drop.gone);
  },
};

/** The state of the queue, for the first page. An administrator of one tenant doesn't see it. */
export async function queueSummary(visit: AdminVisit): Promise<Html | false> {
  if (visit.admin.scope !== undefined) return false;
  return paragraph(await waitingSentence(visit));
}

async function waitingSentence(visit: AdminVisit): Promise<string> {
  const { say, operations } = visit;
  const { waiting, oldestAt } = await operations.stats();
  if (waiting === 0 || oldestAt === undefined) return say.jobs.idle;
  return say.jobs.waiting(waiting, ageOf(visit, oldestAt));
}

function entryOf(visit: AdminVisit, entry: EntryView): Html {
  const { say, base } = visit;
  const href = `${base}${paths.drop}?id=${entry.id}`;
  return html`<li><strong>${say.jobs.kinds[entry.kind ?? "unknown"]}</strong>
${factsOf(visit, entry)}
${entry.isForeign ? paragraph(say.jobs.foreign) : html`<p class="more"><a href="${href}">${say.jobs.drop}</a></p>`}</li>`;
}

function factsOf(visit: AdminVisit, { id, addedAt, dueAt, attempts, failure }: EntryView): Html {
  const { jobs, account } = visit.say;
  return facts([
    [jobs.added, html`${timeOf(addedAt)} (${jobs.ago(ageOf(visit, addedAt))})`],
    [jobs.next, timeOf(dueAt)],
    [jobs.attempts, String(attempts)],
    [jobs.failure, failure, true],
    [account.id, id, true],
  ]);
}

function isEntryId(text: string): boolean {
  return /^[\da-f]{32}$/.test(text);
}
