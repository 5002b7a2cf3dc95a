import { ResetError } from "resetkit/errors";
import type { Awaitable, HttpRequest, HttpResponse } from "resetkit/types";
import type { Answers } from "./answers.js";
import { namesThisServer } from "./hosts.js";
import type { Inbox } from "./inbox.js";
import type { StructuredLog } from "./log.js";
import type { Login } from "./login.js";
import type { Metrics } from "./metrics.js";
import { homePage, inboxPage, problemPage } from "./pages.js";

export interface SiteParts {
  readonly answers: Answers;
  readonly login: Login;
  readonly inbox: Inbox;
  readonly log: StructuredLog;
  readonly baseUrl: string;
  readonly throttle: boolean;
  /** Whether the admin pages are mounted. */
  readonly hasAdmin: boolean;
  /** Host names that `Host` may contain, in addition to the loopback's. */
  readonly hosts: readonly string[];
}

type Answer = (request: HttpRequest) => Awaitable<HttpResponse>;
type Route = Partial<Record<"GET" | "POST", Answer>>;

/** The demo's own pages: everything except the API, the reset pages, and the admin pages. Responds to any path. */
export function createSite(parts: SiteParts): (request: HttpRequest) => Promise<HttpResponse> {
  const { answers, login, inbox, log, baseUrl, hosts } = parts;

  const routes: Readonly<Record<string, Route>> = {
    "/": {
      GET: (request) => answers.page(200, homePage({ ...parts, owner: login.ownerOf(request) })),
    },
    "/login": { GET: () => login.page(), POST: (request) => login.logIn(request) },
    "/logout": { POST: (request) => login.logOut(request) },
    "/inbox": { GET: async () => answers.page(200, inboxPage(await inbox.list(), baseUrl)) },
    "/inbox.json": { GET: async () => answers.json(200, [...(await inbox.list()).values()]) },
    "/inbox/{id}": { GET: ({ path }) => showMail(path.slice("/inbox/".length)) },
    "/healthz": { GET: () => answers.json(200, { status: "OK" }) },
  };

  const showMail = async (id: string) => {
    const mail = await inbox.read(id);
    return mail === null ? notFound() : answers.mail(mail.html);
  };
  const notFound = () => answers.page(404, problemPage("Not found", "There's nothing at this address."));

  return async (request) => {
    if (request.path !== "/healthz" && !namesThisServer(request.header("host"), hosts)) {
      const detail = "This server has another name. Open the address that it printed, or set BASE_URL.";
      return answers.json(421, { detail });
    }
    const path = request.path.startsWith("/inbox/") ? "/inbox/{id}" : request.path;
    if (!Object.hasOwn(routes, path)) return notFound();
    const route = routes[path]!;
    const method = request.method === "HEAD" ? "GET" : request.method;
    const answer = method === "GET" || method === "POST" ? route[method] : undefined;
    if (answer === undefined) {
      const allow = [route.GET && "GET, HEAD", route.POST && "POST"].filter(Boolean).join(", ");
      return answers.json(405, { detail: `Use ${allow}.` }, { allow });
    }
    try {
      return await answer(request);
    } catch (error) {
      if (error instanceof ResetError) return answers.json(error.status, { detail: error.message });
      log.unforeseen(`${request.method} ${path} failed`, error);
      return answers.json(500, { detail: "Something went wrong on our end." });
    }
  };
}

/** Responds to requests on the metrics port. */
export function createMetricsSite(
  metrics: Metrics,
  answers: Answers,
): (request: HttpRequest) => Promise<HttpResponse> {
  return async ({ method, path }) => {
    if (path !== "/metrics") return answers.json(404, { detail: "Metrics are at /metrics." });
    if (method === "GET" || method === "HEAD") return answers.text(200, metrics.text());
    return answers.json(405, { detail: "Use GET, HEAD." }, { allow: "GET, HEAD" });
  };
}
