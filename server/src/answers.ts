import type { Html } from "resetkit/html";
import { headersOf } from "resetkit/html/headers";
import type { HttpResponse } from "resetkit/types";

/** Creates the responses of the demo's own pages, all with the headers of the reset pages. */
export interface Answers {
  page(status: number, page: Html, more?: Headers): HttpResponse;
  json(status: number, value: unknown, more?: Headers): HttpResponse;
  text(status: number, text: string, more?: Headers): HttpResponse;
  redirect(to: string, more?: Headers): HttpResponse;
  /** An email as a document for its frame: with its own styles, without scripts, and with links that open in the top window. */
  mail(html: string): HttpResponse;
}

type Headers = HttpResponse["headers"];

/** `secure` means that browsers reach the demo over https. */
export async function createAnswers(style: string, secure: boolean): Promise<Answers> {
  const common = await headersOf(style, secure);
  const answer = (status: number, type: string, body: string, more: Headers = {}): HttpResponse => ({
    status,
    headers: { ...common, "content-type": `${type}; charset=utf-8`, ...more },
    body,
  });

  return {
    page: (status, page, more) =>
      answer(status, "text/html", String(page), {
        "content-security-policy": `${common["content-security-policy"]}; frame-src 'self'`,
        ...more,
      }),
    json: (status, value, more) => answer(status, "application/json", JSON.stringify(value), more),
    text: (status, text, more) => answer(status, "text/plain", text, more),
    redirect: (to, more) => answer(303, "text/plain", "", { location: to, ...more }),
    mail: (html) =>
      answer(200, "text/html", html.replace(/<head[^>]*>/i, '$&<base target="_top">'), {
        "content-security-policy": mailPolicy,
        "x-frame-options": "SAMEORIGIN",
      }),
  };
}

const mailPolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  "sandbox allow-top-navigation-by-user-activation",
].join("; ");
