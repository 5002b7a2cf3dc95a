import type { Members } from "../../http/body.js";

/** A field as it was sent; empty if it's missing or isn't text. */
export function textOf(posted: Members, name: string): string {
  const value = posted.get(name);
  return typeof value === "string" ? value : "";
}
