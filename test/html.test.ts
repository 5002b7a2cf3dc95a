import { parse } from "node-html-parser";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { html, isHtml, raw } from "../src/html.js";

describe("html", () => {
  it("escapes what is put in", () => {
    const name = `<script>alert("x")</script> & 'co'`;
    expect(String(html`<p>${name}</p>`)).toBe(
      "<p>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;co&#39;</p>",
    );
  });

  it("leaves HTML as it is, joins lists, and leaves out nothings", () => {
    const rows = ["a", "b<"].map((row) => html`<li>${row}</li>`);
    expect(String(html`<ul>${rows}</ul>${null}${undefined}${false}${0}${raw("<hr>")}`)).toBe(
      "<ul><li>a</li><li>b&lt;</li></ul>0<hr>",
    );
  });

  it("writes backslashes of the template as they would print", () => {
    expect(String(html`aéb`)).toBe("aéb");
  });

  it("takes no look-alike from JSON for HTML", () => {
    const forged = JSON.parse(`{ "html": "<b>", "toString": "<b>" }`) as object;
    expect(isHtml(forged)).toBe(false);
    expect(isHtml("<b>")).toBe(false);
    expect(isHtml(html`<b></b>`)).toBe(true);
  });

  it("replaces NUL", () => {
    expect(String(html`${"a\0b"}`)).toBe("a\uFFFDb");
  });

  it("lets no text leave its element or its attribute (2,000 texts)", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom("<", ">", '"', "'", "&", "`", "script", "onload=", "-->", "]]>", "\\", " "), {
          maxLength: 12,
        })
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const root = parse(String(html`<p title="${text}">${text}</p>`));
        expect(root.childNodes).toHaveLength(1);
        const p = root.querySelector("p")!;
        expect(p.querySelectorAll("*")).toHaveLength(0);
        expect(Object.keys(p.attributes)).toEqual(["title"]);
      }),
      { numRuns: 2_000 },
    );
  });
});
