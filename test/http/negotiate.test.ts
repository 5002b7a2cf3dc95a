import { describe, expect, it } from "vitest";
import { parseMediaType } from "../../src/http/media-type.js";
import { negotiateErrorFormat } from "../../src/http/negotiate.js";

describe("the form of an answer", () => {
  it.each([
    [undefined, "json"],
    ["", "json"],
    ["*/*", "json"],
    ["application/json", "json"],
    ["APPLICATION/JSON", "json"],
    ["application/json; indent=4", "json"],
    ["application/json;charset=utf-8", "json"],
    ["application/*", "json"],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"],
    ["application/json, text/plain, */*", "json"],
    ["text/html, application/json;q=0.1", "json"],
    ["application/problem+json", "problem"],
    ["application/problem+json, application/json", "problem"],
    ["application/json, application/problem+json", "problem"],
    ["application/problem+json, */*", "problem"],
    ["application/problem+json;q=0.5, application/json", "json"],
    ["application/problem+json;q=0.5, application/json;q=0.4", "problem"],
    ["application/problem+json;q=0, */*", "json"],
    ["application/problem+json, application/json;q=0", "problem"],
    ["application/xml", null],
    ["text/html", null],
    ["application/json;q=0, */*", null],
    ["application/problem+json;q=0", null],
    ["text/html, image/gif, *; q=.2, */*; q=.2", "json"],
    ["application/problem+json;q=.3, application/json;q=.2", "problem"],
    ["application/json;q=.", null],
    ["application/json;q=2", null],
    ["application/json;q=x", null],
    ["application/json;q=0", null],
    ["application/json;q=0.", null],
    ["application/json;q=5.1", null],
    ["application/json;q=1.5", null],
    ["application/json;q=0.5555", null],
    ["application/json;q=0.55", "json"],
    ["application/json;q=0.555", "json"],
    ["application/json;q=1", "json"],
    ["application/json;q=1.", "json"],
    ["application/json;q=1.0", "json"],
    ["application/json;q=1.000", "json"],
    ["application", null],
    [",,,", null],
    ["application/json;;; indent", null],
  ])("for Accept %j is %j", (accept, form) => {
    expect(negotiateErrorFormat(accept)).toBe(form);
  });

  it("is found in long headers in linear time", () => {
    const long = [
      "application/json;".repeat(4_000),
      ";".repeat(64_000),
      '"\\'.repeat(30_000),
      'a/b;c="'.repeat(9_000),
    ];
    const start = performance.now();
    for (const accept of long) negotiateErrorFormat(accept);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe("a media type", () => {
  it("is read with its parameters, whatever their case and quotes", () => {
    const media = parseMediaType(' Multipart/Form-Data ; Boundary="a \\"b\\" c" ;charset=UTF-8; ');
    expect(media?.type).toBe("multipart/form-data");
    expect([...media!.parameters]).toEqual([
      ["boundary", 'a "b" c'],
      ["charset", "UTF-8"],
    ]);
  });

  it.each([
    "",
    "json",
    "application/json, text/plain",
    "application/json x",
    "a/b; c=d; c=e",
    "a/b; c=",
    'a/b; c="d',
  ])("is not read out of %j", (text) => {
    expect(parseMediaType(text)).toBeNull();
  });
});
