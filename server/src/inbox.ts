import { randomBytes } from "node:crypto";
import { readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Mail, MailTransport } from "resetkit/delivery/mail";
import { makeFolder, writeDurably } from "./files.js";

/** An email, as it would have been sent. */
export interface InboxMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** ISO 8601. */
  readonly date: string;
}

/** Replaces a mail server. `sendMail` resolves once the email is on disk. */
export interface Inbox extends MailTransport {
  /** The emails by ID, newest first. */
  list(): Promise<ReadonlyMap<string, InboxMail>>;
  /** One email, or `null` if there's none with that ID. */
  read(id: string): Promise<InboxMail | null>;
}

/**
 * One inbox for all email addresses, with a file per email. It simulates a mail server's disk, so it contains links, and it
 * isn't in the database.
 */
export async function openInbox(folder: string, now: () => Date): Promise<Inbox> {
  await makeFolder(folder);
  let count = 0;

  const write = async (mail: Mail, ending: string) => {
    const date = now();
    // Fixed widths, so that sorting by name sorts by time.
    const id = [
      String(date.getTime()).padStart(15, "0"),
      String(count++).padStart(8, "0"),
      randomBytes(4).toString("hex"),
    ].join("-");
    const { subject, text, html = "" } = mail;
    const stored: InboxMail = { to: mail.to.address, subject, text, html, date: date.toISOString() };
    const path = join(folder, id + ending);
    await writeDurably(path, JSON.stringify(stored, undefined, 2));
    return path;
  };

  const read = async (id: string) =>
    JSON.parse(await readFile(join(folder, `${id}.json`), "utf8")) as InboxMail;

  const idsNewestFirst = async () => {
    const names = await readdir(folder);
    return names
      .map((name) => idPattern.exec(name)?.[1])
      .filter((id) => id !== undefined)
      .sort()
      .reverse();
  };

  return {
    sendMail: (mail) => write(mail, ".json"),
    /** For an unknown account: does the same work, then deletes the email. */
    dryRun: async (mail) => unlink(await write(mail, ".dry-run")),
    async list() {
      const ids = await idsNewestFirst();
      const mails = await Promise.all(ids.map(read));
      return new Map(ids.map((id, index) => [id, mails[index]!]));
    },
    async read(id) {
      return (await idsNewestFirst()).includes(id) ? read(id) : null;
    },
  };
}

const idPattern = /^(\d{15}-\d{8}-[0-9a-f]{8})\.json$/;
