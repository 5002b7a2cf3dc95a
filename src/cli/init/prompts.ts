import type { Answers } from "./answers.js";
import { clients, frameworks } from "./detect.js";
import type { UsersTable } from "./users-table.js";

/** Asks the user at the terminal to confirm or change what was detected. Returns `null` if the user cancels. */
export async function confirmed(found: Answers): Promise<Answers | null> {
  const { intro, isCancel, select, text } = await prompts();
  intro("resetkit init");
  const isStopped = (given: unknown): given is symbol => isCancel(given);

  const framework = await select({
    message: "Which framework serves your app?",
    initialValue: found.framework,
    options: frameworks.map((value) => ({ value, label: value })),
  });
  if (isStopped(framework)) return null;
  const client = await select({
    message: "Which database client does your app use?",
    initialValue: found.client,
    options: clients.map((value) => ({ value, label: value })),
  });
  if (isStopped(client)) return null;
  if (client === "none") return { ...found, framework, client };

  const users: Record<keyof UsersTable, string> = { ...found.users };
  const questions = [
    ["table", client === "mongodb" ? "Which collection has your users?" : "Which table has your users?"],
    ["identifier", "Which column has the email address?"],
    ["passwordHash", "Which column has the password hash?"],
  ] as const;
  for (const [name, message] of questions) {
    const given = await text({ message, initialValue: users[name], validate: problemWith });
    if (isStopped(given)) return null;
    users[name] = given;
  }
  return { ...found, framework, client, users };
}

/** Names are inserted into code, so they must be plain. */
function problemWith(name: string | undefined): string | undefined {
  if (name !== undefined && /^[A-Za-z_][\w.]*$/.test(name)) return undefined;
  return "Use letters, digits, and _.";
}

export async function agreed(): Promise<boolean> {
  const { confirm, isCancel } = await prompts();
  const answer = await confirm({ message: "Write these files?" });
  return answer === true && !isCancel(answer);
}

async function prompts() {
  // A terminal of a container or of `script` may have no size, and 0 columns would put each letter on a line of its own.
  process.stdout.columns ||= 80;
  return import("@clack/prompts");
}
