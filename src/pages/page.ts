import type { Html } from "../html.js";
import { documentOf, type Icon } from "../html/document.js";
import type { Sentences } from "../locales/en.js";
import type { HttpRequest, HttpResponse, ResetContext } from "../types.js";
import type { Site } from "./options.js";

/** One request, with everything that a page needs to respond. */
export interface Visit<U = any> {
  readonly site: Site<U>;
  readonly request: HttpRequest;
  readonly context: ResetContext;
  readonly sentences: Sentences;
  /** What precedes these pages' paths in the browser's address bar; usually nothing. */
  readonly mountedAt: string;
  /** Values from the client that must not be logged. */
  readonly hidden: Set<string>;
}

/** A page, with a function per method. HEAD is GET without the body. */
export interface Page {
  readonly GET: (visit: Visit) => Promise<HttpResponse>;
  readonly POST?: (visit: Visit) => Promise<HttpResponse>;
}

export interface Shown {
  /** Default 200. */
  readonly status?: number;
  readonly icon: Icon;
  readonly heading: string;
  readonly body: Html;
  /** True if a form is shown again with errors. The title then says so, because screen readers read it first. */
  readonly hasErrors?: boolean;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export async function show({ site, sentences }: Visit, shown: Shown): Promise<HttpResponse> {
  const { heading, icon, body, cookies = [] } = shown;
  const document = documentOf({
    language: sentences.tag,
    direction: sentences.direction,
    title: shown.hasErrors ? `${sentences.pages.error}: ${heading}` : heading,
    appName: site.appName,
    style: site.style,
    icon,
    heading,
    body,
  });
  return {
    status: shown.status ?? 200,
    headers: {
      ...(await site.headers()),
      "content-type": "text/html; charset=utf-8",
      ...(cookies.length > 0 && { "set-cookie": cookies }),
      ...shown.headers,
    },
    body: String(document),
  };
}

/** Redirects the browser to one of the pages, with a GET (RFC 9110 §15.4.4). */
export async function redirect(
  { site, mountedAt }: Visit,
  path: string,
  cookies: readonly string[] = [],
): Promise<HttpResponse> {
  const headers = { ...(await site.headers()), location: mountedAt + path };
  return {
    status: 303,
    headers: cookies.length > 0 ? { ...headers, "set-cookie": cookies } : headers,
    body: "",
  };
}
