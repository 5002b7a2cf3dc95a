import { parse, type HTMLElement } from "node-html-parser";
import type { Handler } from "../../src/types.js";

export const site = "https://app.example.com";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly location: string | null;
  readonly text: string;
  readonly page: HTMLElement;
}

/** A browser in so far as it keeps cookies, follows redirects when told to, and fills in forms. */
export function browse(handler: Handler, standing: Readonly<Record<string, string>> = {}) {
  const cookies = new Map<string, string>();

  async function send(method: string, path: string, headers: Record<string, string>, body?: string) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await handler(
      new Request(site + path, {
        method,
        headers: { ...standing, ...(cookie && { cookie }), ...headers },
        ...(body !== undefined && { body }),
      }),
      { ip: "192.0.2.1" },
    );
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split("; ");
      const [name = "", value = ""] = pair.split("=");
      if (attributes.includes("Max-Age=0")) cookies.delete(name);
      else cookies.set(name, value);
    }
    const text = await response.text();
    const { status, headers: sent } = response;
    return { status, headers: sent, location: sent.get("location"), text, page: parse(text) };
  }

  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    send("GET", path, headers);

  /** As a browser posts a form of a page whose referrer policy is `no-referrer`. */
  const post = (
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const type = "application/x-www-form-urlencoded";
    const sent = { "content-type": type, origin: "null", "sec-fetch-site": "same-origin", ...headers };
    return send("POST", path, sent, new URLSearchParams(fields).toString());
  };

  return {
    cookies,
    send,
    get,
    post,
    /** Fills in the form of a page and sends it. */
    submit({ page }: Answer, fields: Readonly<Record<string, string>>, headers?: Record<string, string>) {
      const form = page.querySelector("form")!;
      const all = form
        .querySelectorAll("input")
        .map((input) => [input.getAttribute("name")!, input.getAttribute("value") ?? ""]);
      return post(form.getAttribute("action")!, { ...Object.fromEntries(all), ...fields }, headers);
    },
    /** Opens a link, and follows it to the form. */
    async open(url: string) {
      let answer = await get(new URL(url).pathname);
      while (answer.location) answer = await get(answer.location);
      return answer;
    },
  };
}
