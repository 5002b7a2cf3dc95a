import { describe, expect, it } from "vitest";
import { parseForm, parseMultipart } from "../../src/http/forms.js";

describe("a form of pairs", () => {
  it("has a blank where the browser wrote a plus sign", () => {
    expect({ ...parseForm("password=a+b+c&se+cond=1") }).toEqual({ password: "a b c", "se cond": "1" });
  });

  it.each([
    ["nothing between two ampersands", "a=1&&b=2"],
    ["an ampersand at its start", "&a=1&b=2"],
    ["an ampersand at its end", "a=1&b=2&"],
  ])("has no field for %s", (_, text) => {
    expect({ ...parseForm(text) }).toEqual({ a: "1", b: "2" });
  });

  it("without any text has no fields", () => {
    expect(parseForm("")).toEqual({});
  });

  it.each([
    ["a value with a percent sign alone", "email=100%"],
    ["a name with a percent sign alone", "%zz=1"],
    ["a value that isn't UTF-8", "email=%ff"],
    ["a name that isn't UTF-8", "%ff=1"],
    ["a name without a value that isn't UTF-8", "email=a&%ff"],
  ])("isn't one with %s", (_, text) => {
    expect(parseForm(text)).toBeNull();
  });

  it("may have 20 fields, and no more", () => {
    const form = (count: number) => Array.from({ length: count }, (_, n) => `f${n}=${n}`).join("&");
    expect(Object.keys(parseForm(form(20))!)).toHaveLength(20);
    expect(parseForm(form(21))).toBeNull();
    expect(parseForm(form(400))).toBeNull();
  });
});

const named = (name: string) => `Content-Disposition: form-data; name=${name}`;
const part = (head: string, value = "1") => `--b\r\n${head}\r\n\r\n${value}\r\n`;

/** The fields of a form whose only part has these headers. */
const read = (...headers: readonly string[]) => {
  const fields = parseMultipart(`${part(headers.join("\r\n"))}--b--\r\n`, "b");
  return fields && { ...fields };
};

describe("a form of parts", () => {
  it("may have 20 parts, and no more", () => {
    const form = (count: number) =>
      `${Array.from({ length: count }, (_, n) => part(named(`f${n}`))).join("")}--b--\r\n`;
    expect(Object.keys(parseMultipart(form(20), "b")!)).toHaveLength(20);
    expect(parseMultipart(form(21), "b")).toBeNull();
    expect(parseMultipart(form(400), "b")).toBeNull();
  });

  it.each(["b", "----WebKitFormBoundary7MA4YWxkTrZu0gW", "'()+_,-./:=?", "two words", "b".repeat(70)])(
    "may have the boundary %j",
    (boundary) => {
      expect(parseMultipart(`--${boundary}--\r\n`, boundary)).toEqual({});
    },
  );

  it.each(["", "b ", '"b', 'b"', "b\r\n--b", "ä", "b".repeat(71)])(
    "may not have the boundary %j",
    (boundary) => {
      expect(parseMultipart(`--${boundary}--\r\n`, boundary)).toBeNull();
    },
  );

  it("isn't one if its type names no boundary", () => {
    expect(parseMultipart("--undefined--\r\n", undefined)).toBeNull();
  });

  it("isn't one with text right after a delimiter", () => {
    expect(parseMultipart(`--bc\r\n${named("email")}\r\n\r\n1\r\n--b--\r\n`, "b")).toBeNull();
  });
});

describe("the headers of a part", () => {
  it("are followed by an empty line, even if there's no text", () => {
    expect(parseMultipart(`--b\r\n${named("email")}\r\n--b--\r\n`, "b")).toBeNull();
    expect({ ...parseMultipart(`--b\r\n${named("email")}\r\n\r\n\r\n--b--\r\n`, "b") }).toEqual({
      email: "",
    });
  });

  it("may have 1,024 characters with their line breaks, and no more", () => {
    const padded = (length: number) => {
      const head = `${named("email")}\r\nX: `;
      return read(head + "x".repeat(length - 2 - head.length));
    };
    expect(padded(1_024)).toEqual({ email: "1" });
    expect(padded(1_025)).toBeNull();
  });

  it.each([
    ["without a blank after the colon", "Content-Disposition:form-data; name=email"],
    ["with several blanks after the colon", "Content-Disposition: \t form-data; name=email"],
    ["with a blank before the semicolon", "Content-Disposition: form-data ; name=email"],
    ["in other letter case", "CONTENT-DISPOSITION: Form-Data; NAME=email"],
  ])("name the field %s", (_, header) => {
    expect(read(header)).toEqual({ email: "1" });
  });

  it.each([
    ["no disposition", ["Content-Type: text/plain"]],
    ["a disposition without a name", ["Content-Disposition: form-data; size=3"]],
    ["another disposition", ["Content-Disposition: attachment; name=email"]],
    ["a disposition that only ends alike", ["Content-Disposition: x-form-data; name=email"]],
    ["a disposition that only begins alike", ["Content-Disposition: form-data-x; name=email"]],
    ["two dispositions", [named("email"), named("token")]],
    ["a broken disposition before a good one", ["Content-Disposition: form-data; name=", named("email")]],
    ["a line without a colon", [named("email"), "X"]],
    ["a line with a blank in its name", [named("email"), "X Y: z"]],
    ["a bare line feed", [named("email"), "X: y\nZ: z"]],
  ])("make it no form with %s", (_, headers) => {
    expect(read(...headers)).toBeNull();
  });

  it.each(["7bit", "8bit", "binary", "BINARY", "8bit \t"])(
    "may say that the text is written in %j, which is as it is",
    (encoding) => {
      expect(read(named("email"), `Content-Transfer-Encoding: ${encoding}`)).toEqual({ email: "1" });
    },
  );

  it.each(["base64", "quoted-printable", "x-7bit", "7bit-x", "7bit x", ""])(
    "may not say that the text is written in %j",
    (encoding) => {
      expect(read(named("email"), `content-transfer-encoding: ${encoding}`)).toBeNull();
    },
  );

  it.each(['filename="f.txt"', "filename*=UTF-8''f.txt", 'filename=""'])(
    "mark a file by %s, and a file is no field",
    (parameter) => {
      expect(read(`${named("email")}; ${parameter}`)).toEqual({});
    },
  );
});
