/** What the pages for administrators say, in English. */
export const en: AdminSentences = {
  tag: "en",
  sections: "Sections",
  links: "Reset links",
  queue: "Queue",
  notFound: "There's nothing at this address.",
  back: "Back to the reset links",
  search: {
    label: "Find an account",
    hint: "What the user signs in with, or the account's ID.",
    tenant: "Tenant",
    submit: "Search",
    blank: "Enter what to search for.",
    none: "No account matches.",
    several: "More than one account matches.",
  },
  list: {
    none: "No reset link is valid now.",
    unlisted:
      "The links of this app are signed and aren't stored, so they can't be listed. Each expires by itself, or when the password changes.",
    partly: "Signed links aren't stored, so they aren't in this list.",
    sample: (count) => `Only ${count} stored links were read. Search for an account to see all of its links.`,
    pages: "Pages",
    page: (page, pages) => `Page ${page} of ${pages}`,
    newer: "Newer",
    older: "Older",
    next: "Next page",
    first: "First page",
  },
  link: {
    created: "Created",
    expires: "Expires",
    email: "Email",
    delivery: {
      pending: "Not accepted yet",
      accepted: "Accepted by the mail server",
      failed: "Couldn't be sent",
    },
    ip: "Requested from",
    userAgent: "Browser",
    issued: "Sent by your team",
    code: "Has a one-time code",
    yes: "Yes",
  },
  account: {
    id: "ID",
    tenant: "Tenant",
    alsoKnownAs: "Also known as",
    gone: "This account no longer exists.",
    unreadable: "The account is gone, or can't be read.",
    notEligible: "This account can't reset its password: your app doesn't allow it.",
    links: (count) => (count === 1 ? "1 valid link" : `${count} valid links`),
    send: "Send a reset link",
    sent: "A reset link is in the queue. It goes to the account's stored email address.",
    refused: "No reset link was sent, because this account can't reset its password.",
    revoke: "Revoke all links",
    revoked: "All reset links of this account were revoked.",
    unsupported:
      "Signed links can't be revoked. They expire by themselves, or when the account's password changes. Stored links of this account were revoked.",
  },
  jobs: {
    none: "The queue is empty.",
    idle: "Nothing is waiting for a worker.",
    waiting: (count, age) =>
      `${count} ${count === 1 ? "entry is" : "entries are"} waiting for a worker. The oldest was added ${age} ago.`,
    inMemory: "The queue is in the memory of this process, so entries of other processes aren't shown.",
    kinds: {
      request: "Reset link that a user requested",
      issue: "Reset link that your app sends",
      finish: "End sessions after a password change",
      changed: "Password-changed email",
      unknown: "Job of an earlier version",
    },
    added: "Added",
    ago: (age) => `${age} ago`,
    next: "Next attempt",
    attempts: "Failed attempts",
    failure: "Last failure",
    foreign: "Encrypted with a secret that this app doesn't have. It may be another app's.",
    drop: "Drop this entry",
  },
  drop: {
    title: "Drop this entry?",
    effects: {
      request: "The user gets no email for this request, and can send another one.",
      issue: "The account gets no email. You can send another link.",
      finish:
        "The account's password may have been changed. Its sessions then stay signed in, so end them by hand.",
      changed: "The account's owner isn't told that the password was changed.",
      unknown: "What it would have done won't happen.",
    },
    submit: "Drop it",
    cancel: "Back to the queue",
    done: "The entry was dropped.",
    gone: "This entry is no longer in the queue.",
  },
};

/** Every sentence of those pages; functions get what stands in the middle. */
export interface AdminSentences {
  readonly tag: string;
  readonly sections: string;
  readonly links: string;
  readonly queue: string;
  readonly notFound: string;
  readonly back: string;
  readonly search: Readonly<
    Record<"label" | "hint" | "tenant" | "submit" | "blank" | "none" | "several", string>
  >;
  readonly list: Readonly<
    Record<"none" | "unlisted" | "partly" | "pages" | "newer" | "older" | "next" | "first", string>
  > & {
    readonly sample: (count: string) => string;
    readonly page: (page: number, pages: number) => string;
  };
  readonly link: Readonly<
    Record<"created" | "expires" | "email" | "ip" | "userAgent" | "issued" | "code" | "yes", string>
  > & { readonly delivery: Readonly<Record<"pending" | "accepted" | "failed", string>> };
  readonly account: Readonly<
    Record<
      | "id"
      | "tenant"
      | "alsoKnownAs"
      | "gone"
      | "unreadable"
      | "notEligible"
      | "send"
      | "sent"
      | "refused"
      | "revoke"
      | "revoked"
      | "unsupported",
      string
    >
  > & { readonly links: (count: number) => string };
  readonly jobs: Readonly<
    Record<
      "none" | "idle" | "inMemory" | "added" | "next" | "attempts" | "failure" | "foreign" | "drop",
      string
    >
  > & {
    readonly waiting: (count: number, age: string) => string;
    readonly ago: (age: string) => string;
    readonly kinds: Readonly<Record<JobKind, string>>;
  };
  readonly drop: Readonly<Record<"title" | "submit" | "cancel" | "done" | "gone", string>> & {
    readonly effects: Readonly<Record<JobKind, string>>;
  };
}

type JobKind = "request" | "issue" | "finish" | "changed" | "unknown";
