import { UsageError } from "../check-options.js";
import { isInDevelopment, isLoopback } from "../identity/loopback.js";

/**
 * Checks the template of links, and returns the function that makes them. The configured template is the only source of
 * a link's host: nothing from a request reaches it (CVE-2017-8295, CVE-2026-22794).
 */
export function createLink<U>(url: string | ((user: U) => string)): (user: U, token: string) => string {
  if (typeof url === "string") checkTemplate(url);
  else if (typeof url !== "function") {
    throw new UsageError(
      `url is missing. Set it to your reset page's full address, such as "https://example.com/reset/{token}".`,
    );
  }
  return (user, token) => {
    const template = typeof url === "string" ? url : checkTemplate(url(user));
    return template.replaceAll("{token}", () => token.split("/").map(encodeURIComponent).join("/"));
  };
}

function checkTemplate(template: string): string {
  const parsed = typeof template === "string" && URL.canParse(template) ? new URL(template) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.username || parsed.password) {
    const shown =
      parsed?.username || parsed?.password
        ? "has a username or password"
        : `is ${JSON.stringify(template)}, which isn't an absolute URL`;
    throw new UsageError(
      `url ${shown}. Set it to your reset page's full address, such as "https://example.com/reset/{token}". To open an app, use a universal link or an app link.`,
    );
  }
  if (parsed.protocol === "http:" && !isLoopback(parsed.hostname) && !isInDevelopment(parsed.hostname)) {
    throw new UsageError(
      "url starts with http:, so anyone on the network could read the token, even on a private one. Use https.",
    );
  }
  if (!template.includes("{token}") || parsed.host.includes("{") || parsed.host.includes("%7B")) {
    throw new UsageError(
      `url doesn't contain {token}. Add it to the path, query, or fragment, such as "https://example.com/reset/{token}".`,
    );
  }
  return template;
}
