import { describe, expect, it } from "vitest";
import { htmlPages } from "../../src/pages/pages.js";
import { makeKit } from "../kit.js";
import { browse, site } from "./browse.js";

const email = "ada@example.com";

describe("a posted form", () => {
  it("reads what a body parser of the framework has read already", async () => {
    const handler = htmlPages(makeKit().reset, { baseUrl: site });
    const visitor = browse(handler);
    const form = await visitor.get("/forgot-password");
    const token = form.page.querySelector("[name=form_token]")!.getAttribute("value")!;
    const cookie = `__Host-resetkit-form=${visitor.cookies.get("__Host-resetkit-form")}`;
    const headers: Record<string, string> = { cookie, "content-type": "application/x-www-form-urlencoded" };
    const answer = (value: unknown) =>
      handler.plain({
        method: "POST",
        path: "/forgot-password",
        query: "",
        header: (name) => headers[name],
        body: () => ({ kind: "parsed", value }),
      });
    expect((await answer({ email, form_token: token }))!.status).toBe(303);
    expect((await answer({ email: [email, "evil@example.com"], form_token: token }))!.status).toBe(400);
    expect((await answer({ email: { $ne: null }, form_token: token }))!.status).toBe(400);
    expect((await answer({ email, form_token: [token] }))!.status).toBe(403);
  });
});
