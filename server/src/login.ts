import { ResetError } from "resetkit/errors";
import type { HttpRequest, HttpResponse } from "resetkit/types";
import { findUser } from "./accounts.js";
import type { Answers } from "./answers.js";
import type { Db } from "./database.js";
import { loginPage, welcomePage } from "./pages.js";
import type { Passwords } from "./passwords.js";
import { sessionLength, type Sessions } from "./sessions.js";

export interface LoginParts {
  readonly db: Db;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly answers: Answers;
  /** Whether the session cookie is sent over https only. */
  readonly secure: boolean;
  readonly now: () => number;
}

export interface Login {
  page(): HttpResponse;
  /** Responds with 200 and a session, or with 401: as a page if the client accepts HTML, otherwise as JSON. */
  logIn(request: HttpRequest): Promise<HttpResponse>;
  logOut(request: HttpRequest): HttpResponse;
  /** The email address of the user who is signed in, or `null`. */
  ownerOf(request: HttpRequest): string | null;
}

/**
 * A minimal sign-in. The limit: it has no rate limit. A real application needs one that counts failures.
 */
export function createLogin({ db, passwords, sessions, answers, secure, now }: LoginParts): Login {
  const cookieName = secure ? "__Host-session" : "session";
  const setCookie = (value: string, seconds: number) => ({
    "set-cookie": `${cookieName}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`,
  });
  const cookieOf = (request: HttpRequest) =>
    request
      .header("cookie")
      ?.split(/; */)
      .find((pair) => pair.startsWith(`${cookieName}=`))
      ?.slice(cookieName.length + 1);

  return {
    page: () => answers.page(200, loginPage()),

    async logIn(request) {
      refuseOtherSites(request);
      const { email, password } = await readCredentials(request);
      const wantsPage = request.header("accept")?.includes("text/html") ?? false;
      const user = findUser(db, email);
      // Compare first, and for unknown accounts as well, so that every rejection takes equally long.
      const isRight = await passwords.matches(password, user?.passwordHash ?? null);
      const session = user !== null && isRight ? sessions.begin(user, now()) : null;
      if (user === null || session === null) {
        const problem = "Incorrect email or password.";
        return wantsPage
          ? answers.page(401, loginPage({ email, problem }))
          : answers.json(401, { detail: problem });
      }
      const cookie = setCookie(session, sessionLength / 1_000);
      return wantsPage
        ? answers.page(200, welcomePage(user.email), cookie)
        : answers.json(200, { status: "OK" }, cookie);
    },

    logOut(request) {
      refuseOtherSites(request);
      sessions.end(cookieOf(request));
      return answers.redirect("/", setCookie("", 0));
    },

    ownerOf: (request) => sessions.ownerOf(cookieOf(request), now()),
  };
}

// Another site must not sign users in to an attacker's account (OWASP, Cross-Site Request Forgery Prevention).
function refuseOtherSites(request: HttpRequest): void {
  const site = request.header("sec-fetch-site");
  if (site === undefined || site === "same-origin" || site === "none") return;
  throw new ResetError("vetoed", { message: "This form was sent from another site." });
}

async function readCredentials(request: HttpRequest): Promise<{ email: string; password: string }> {
  const { email, password } = await readFields(request);
  if (typeof email !== "string" || typeof password !== "string" || email === "" || email.length > 254) {
    throw new ResetError("invalid_input", { message: "Send `email` and `password` as text." });
  }
  return { email, password };
}

async function readFields(request: HttpRequest): Promise<Record<string, unknown>> {
  const type = request.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  const isForm = type === "application/x-www-form-urlencoded";
  if (!isForm && type !== "application/json") {
    throw new ResetError("unsupported_media_type", { message: "Send JSON or a form." });
  }
  const body = await request.body({ maxBytes: 8_192, timeout: 10_000 });
  if (body.kind === "parsed") return asObject(body.value);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body.bytes);
    return isForm ? Object.fromEntries(new URLSearchParams(text)) : asObject(JSON.parse(text));
  } catch (cause) {
    throw new ResetError("malformed_body", { cause });
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
