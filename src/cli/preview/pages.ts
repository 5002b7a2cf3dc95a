import { htmlPages } from "../../pages/pages.js";
import { passwordReset } from "../../password-reset.js";
import { memoryStore } from "../../stores/memory.js";
import { memoryUsers } from "../../users/memory.js";
import type { Message } from "../../types.js";
import type { PreviewOptions, Rendered } from "./rendered.js";

const site = "http://localhost:3000";
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Every page in one language. Walks through a whole reset as a browser does, including its errors. */
export async function pages({ locale, appName, languages }: PreviewOptions): Promise<Rendered[]> {
  let token = "";
  const reset = passwordReset({
    users: memoryUsers([{ id: 1, email: "ada@example.com" }]),
    secret: "for previews only: nothing is ever sent",
    store: memoryStore(),
    url: `${site}/reset-password/{token}`,
    deliver: (message: Message<unknown>) => void (message.kind === "reset" && (token = message.token)),
    throttles: { request: [{ by: "ip", max: 3, per: "1h" }] },
    log: silent,
  });
  const answer = htmlPages(reset, { baseUrl: site, appName, codes: true, log: silent, ...languages });
  const browser = browserOn(answer, locale);
  try {
    const forgot = await browser.get("/forgot-password");
    const blank = await browser.post("/forgot-password", { email: "" });
    await browser.post("/forgot-password", { email: "ada@example.com" });
    await reset.drain();
    const sent = await browser.get("/forgot-password/sent");
    const code = await browser.get("/reset-password/code");
    const choose = await browser.get(`/reset-password/${token}`);
    const wrong = await browser.post("/reset-password", { password: "password", repeat: "passwort" });
    const done = await browser.post("/reset-password", { password: "thunder marmalade quay" });
    const over = await browser.get("/reset-password/not-a-token");
    const stale = await browser.post("/forgot-password", { email: "ada@example.com", form_token: "" });
    let throttled = "";
    for (let i = 0; i < 4; i++)
      throttled = await browser.post("/forgot-password", { email: "ada@example.com" });
    const all = { forgot, blank, sent, code, choose, wrong, done, over, stale, throttled };
    return Object.entries(all).map(([name, text]) => ({
      file: `${locale}/page-${name}.html`,
      title: `Page: ${/<title>([^<·]*)/.exec(text)?.[1]?.trim() ?? name}`,
      text,
    }));
  } finally {
    await reset.close();
  }
}

/** Keeps cookies, follows redirects, and fills in a form from the inputs on the current page. */
function browserOn(
  answer: (request: Request, context: { peer: string }) => Promise<Response>,
  locale: string,
) {
  /** Pairs such as `session=1`, by their names. */
  const cookies = new Map<string, string>();
  let shown = "";

  const visit = async (path: string, init: RequestInit = {}): Promise<string> => {
    const headers = {
      "accept-language": locale,
      cookie: [...cookies.values()].join("; "),
      "sec-fetch-site": "same-origin",
      ...init.headers,
    };
    const response = await answer(new Request(`${site}${path}`, { ...init, headers }), { peer: "127.0.0.1" });
    for (const cookie of response.headers.getSetCookie()) {
      const pair = cookie.replace(/;.*/s, "");
      cookies.set(pair.slice(0, pair.indexOf("=")), pair);
    }
    const to = response.headers.get("location");
    if (to !== null) return visit(to);
    return (shown = await response.text());
  };

  return {
    get: (path: string) => visit(path),
    async post(path: string, fields: Record<string, string>) {
      if (!shown.includes('name="form_token"')) await visit(path);
      const filled = new URLSearchParams();
      for (const [input] of shown.matchAll(/<input [^>]*>/g)) {
        const name = / name="([^"]*)"/.exec(input)?.[1];
        if (name === undefined) continue;
        const typed = / type="password"/.test(input)
          ? (fields["password"] ?? "")
          : / value="([^"]*)"/.exec(input)?.[1];
        filled.set(name, fields[name] ?? typed ?? "");
      }
      return visit(path, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: filled.toString(),
      });
    },
  };
}
