import { describe, expect, it } from "vitest";
import type { ResetError } from "../../src/errors.js";
import { readMembers } from "../../src/http/body.js";
import { readFields, type Field, type FieldKind } from "../../src/http/fields.js";
import { parseForm, parseMultipart } from "../../src/http/forms.js";
import { en } from "../../src/locales/en.js";
import type { HttpBody } from "../../src/types.js";
import { plainRequest } from "./drive.js";

const limits = { maxBytes: 16_384, timeout: 1_000 };

async function read(type: string, body: string | Uint8Array) {
  const request = plainRequest({ path: "/", headers: { "content-type": type }, body });
  return readMembers(request, await request.body(limits), en.api);
}

/** What a client is told about a body that isn't read. */
async function refusalOf(reading: Promise<unknown>) {
  const { status, message } = (await reading.catch((error: unknown) => error)) as ResetError;
  return [status, message];
}

async function readParsed(value: unknown, type = "application/json") {
  const body: HttpBody = { kind: "parsed", value };
  return readMembers(plainRequest({ path: "/", headers: { "content-type": type } }), body, en.api);
}

async function field(kind: FieldKind, json: string, required = true) {
  const one: Field = { name: "f", role: "token", kind, required };
  const members = await read("application/json", json);
  try {
    return readFields([one], members).token;
  } catch (error) {
    return (error as { fields: Record<string, string[]> }).fields["f"];
  }
}

describe("JSON", () => {
  it("is read in UTF-8, and in UTF-16 where its type says so", async () => {
    const text = '{"email":"mıke@example.org"}';
    const little = Buffer.from(text, "utf16le");
    const big = Buffer.from(little).swap16();
    const marked = (mark: number[], bytes: Buffer) => Buffer.concat([Buffer.from(mark), bytes]);
    const emails = [
      await read("application/json", text),
      await read("application/json; charset=UTF-8", text),
      await read('APPLICATION/JSON; Charset="utf8"', text),
      await read("application/json; charset=utf-16", little),
      await read("application/json; charset=utf-16", marked([0xff, 0xfe], little)),
      await read("application/json; charset=utf-16", marked([0xfe, 0xff], big)),
      await read("application/json; charset=utf-16le", little),
      await read("application/json; charset=utf-16be", big),
    ].map((members) => members.get("email"));
    expect(emails).toEqual(new Array(8).fill("mıke@example.org"));
  });

  it("counts the last of several members", async () => {
    expect((await read("application/json", '{"a":1,"a":{"a":2},"a":"3"}')).get("a")).toBe("3");
  });

  it("has no members but its own", async () => {
    const members = await read("application/json", '{"__proto__":{"email":"x"}}');
    expect(members.get("email")).toBeUndefined();
    expect(members.get("toString")).toBeUndefined();
    expect(members.names()).toEqual(["__proto__"]);
  });
});

describe("UTF-16", () => {
  const type = "application/json; charset=utf-16";
  const { encoding, json } = en.api.malformed_body;

  it.each([
    ["half of a surrogate pair", "utf-16le", [0x22, 0, 0, 0xd8, 0x22, 0]],
    ["half of a character", "utf-16be", [0, 0x22, 0]],
  ])("with %s is told from JSON that isn't valid", async (_, charset, bytes) => {
    const reading = read(`application/json; charset=${charset}`, Uint8Array.from(bytes));
    expect(await refusalOf(reading)).toEqual([400, encoding]);
  });

  it.each([
    ["the first half of a big-endian mark", [0xfe, 0x00]],
    ["the second half of a big-endian mark", [0x00, 0xff]],
  ])("is little-endian after %s alone", async (_, start) => {
    // Half of a surrogate pair as little-endian text, and a letter as big-endian text.
    const reading = read(type, Uint8Array.from([...start, 0x00, 0xd8]));
    expect(await refusalOf(reading)).toEqual([400, encoding]);
    expect(await refusalOf(read(type, Uint8Array.from([...start, 0xd8, 0x00])))).toEqual([400, json]);
  });
});

describe("an empty body", () => {
  it.each(["application/json", "text/plain", "nonsense", ""])("of type %j has no members", async (type) => {
    expect((await read(type, "")).names()).toEqual([]);
  });
});

describe("what a framework's parser made of a body", () => {
  it("is read by its own members, under the same types", async () => {
    const inherited = Object.create({ email: "x" }) as object;
    expect((await readParsed(inherited)).get("email")).toBeUndefined();
    expect((await readParsed({ email: "x" })).get("email")).toBe("x");
    await expect(readParsed({ email: "x" }, "text/plain")).rejects.toMatchObject({ status: 415 });
    await expect(readParsed(["x"])).rejects.toMatchObject({ status: 400 });
    await expect(readParsed(null)).rejects.toMatchObject({ status: 400 });
  });

  it("takes a number only while it still has all its digits", async () => {
    expect((await readParsed({ token: 12345678 })).numberText("token")).toBe("12345678");
    expect((await readParsed({ token: 2 ** 53 })).numberText("token")).toBeUndefined();
    expect((await readParsed({ token: 1.5 })).numberText("token")).toBeUndefined();
  });
});

describe("a body that isn't what its type says", () => {
  const { encoding, json: noJson, form: noForm } = en.api.malformed_body;
  const form = "application/x-www-form-urlencoded";

  it.each([
    ["JSON that ends early", "application/json", "{", noJson],
    ["JSON after a byte order mark", "application/json", '\uFEFF{"email":"x"}', encoding],
    ["a form after a byte order mark", form, "\uFEFFemail=x", encoding],
    ["a form with a broken percent sign", form, "email=%", noForm],
    ["multipart without a boundary", "multipart/form-data", "--b--", noForm],
  ])("is refused with a sentence that fits: %s", async (_, type, body, sentence) => {
    expect(await refusalOf(read(type, body))).toEqual([400, sentence]);
  });

  it.each([
    ["5", "number"],
    ['"email"', "string"],
    ["true", "boolean"],
    ['[{"email":"x"}]', "array"],
  ])("such as %s is told that it's a JSON %s", async (body, kind) => {
    const sentence = `Send a JSON object with the fields as properties, not a JSON ${kind}.`;
    const refusal = { status: 400, message: sentence, fields: { non_field_errors: [sentence] } };
    await expect(read("application/json", body)).rejects.toMatchObject(refusal);
    await expect(readParsed(JSON.parse(body))).rejects.toMatchObject(refusal);
  });

  it.each([null, undefined])("such as %s from a framework's parser has no data", async (value) => {
    const sentence = "Send an object with the fields as properties.";
    expect(await refusalOf(readParsed(value))).toEqual([400, sentence]);
  });
});

describe("a type that isn't supported", () => {
  const sentence = (type: string) =>
    `Content type "${type}" isn't supported. Send JSON or a form, encoded as UTF-8.`;

  it.each(["", "text/plain", "application/json; charset=latin1", "multipart/form-data; charset=utf-16"])(
    "is repeated to the client: %j",
    async (type) => {
      expect(await refusalOf(read(type, "{}"))).toEqual([415, sentence(type)]);
    },
  );

  it("is repeated up to a hundred characters", async () => {
    const type = `text/${"x".repeat(200)}`;
    expect(await refusalOf(read(type, "{}"))).toEqual([415, sentence(type.slice(0, 100))]);
  });

  it("may be left out altogether, and is empty then", async () => {
    const request = plainRequest({ path: "/", body: "{}" });
    const reading = (async () => readMembers(request, await request.body(limits), en.api))();
    expect(await refusalOf(reading)).toEqual([415, sentence("")]);
  });
});

describe("a content coding", () => {
  const readCoded = async (coding: string) => {
    const headers = { "content-type": "application/json", "content-encoding": coding };
    const request = plainRequest({ path: "/", headers, body: '{"email":"x"}' });
    return readMembers(request, await request.body(limits), en.api);
  };

  it.each(["identity", "Identity", " identity\t"])("that changes nothing is accepted: %j", async (coding) => {
    expect((await readCoded(coding)).get("email")).toBe("x");
  });

  it.each(["gzip", "br", "identity, gzip"])("is refused by its name: %j", async (coding) => {
    const sentence = `Content type "application/json; ${coding}" isn't supported. Send JSON or a form, encoded as UTF-8.`;
    expect(await refusalOf(readCoded(coding))).toEqual([415, sentence]);
  });
});

describe("a number in the place of a text", () => {
  it.each([
    ['{"f":12345}', "12345"],
    ['{"f":0}', "0"],
    ['{"f":-5}', "-5"],
    ['{"f":9007199254740993}', "9007199254740993"],
    ['{"f":123456789012345678901234567890}', "123456789012345678901234567890"],
    ['{"f":1,"g":{"f":2},"f":3}', "3"],
    ['{"f":3,"g":{"f":2},"h":[{"f":4},["f",5]]}', "3"],
    ['{"f":3,"g":5}', "3"],
    ['{"g":5,"f":3,"h":{"g":6}}', "3"],
    ['{"g":[1,[2]],"f":3}', "3"],
    ['{"f":[9],"f":3}', "3"],
    ['{"g":"\\"f\\":9,","f" : 3 }', "3"],
    ['{"\\u0066":7}', "7"],
  ])("%s is the digits that were sent: %s", async (json, digits) => {
    expect(await field("token", json)).toBe(digits);
    expect(await field("password", json)).toBe(digits);
  });

  it.each(['{"f":1.5}', '{"f":1.0}', '{"f":1e3}', '{"f":12345678901234567890.0}', '{"f":1E400}'])(
    "%s is none",
    async (json) => {
      expect(await field("token", json)).toEqual(["not_text"]);
    },
  );
});

describe("a field", () => {
  it.each<[FieldKind, string, string | string[]]>([
    ["token", '{"f":"  abc \\n"}', "abc"],
    ["address", '{"f":"  ada@example.com \\n"}', "ada@example.com"],
    ["text", '{"f":" ada "}', "ada"],
    ["text", '{"f":4930123456}', "4930123456"],
    ["password", '{"f":"  abc \\n"}', "  abc \n"],
    ["password", '{"f":"   "}', "   "],
    ["token", "{}", ["required"]],
    ["token", '{"f":null}', ["null"]],
    ["token", '{"f":"  "}', ["blank"]],
    ["password", '{"f":""}', ["blank"]],
    ["token", '{"f":[]}', ["not_text"]],
    ["address", '{"f":[]}', ["invalid_address"]],
    ["address", '{"f":5}', ["invalid_address"]],
    ["address", '{"f":"a"}', ["invalid_address"]],
    ["address", '{"f":"ada@example.com\\u0000"}', ["null_character", "invalid_address"]],
    ["address", '{"f":"ada\\ud800@example.com"}', ["not_well_formed", "invalid_address"]],
    ["token", '{"f":"a\\u0000"}', ["null_character"]],
    ["password", '{"f":"a\\udfff\\u0000"}', ["null_character", "not_well_formed"]],
    ["address", '{"f":"ada\\u200b@example.com"}', ["invisible_character"]],
    ["text", '{"f":"a\\u200bb"}', ["invisible_character"]],
    ["text", '{"f":"a\\tb"}', ["invalid_text"]],
    ["text", `{"f":"${"a".repeat(255)}"}`, ["invalid_text"]],
  ])("of kind %s reads %s as %j", async (kind, json, value) => {
    expect(await field(kind, json)).toEqual(value);
  });

  it.each(["{}", '{"f":null}', '{"f":" "}'])("that is optional may be left out as %s", async (json) => {
    expect(await field("address", json, false)).toBeUndefined();
  });

  it.each<[FieldKind, string]>([
    ["address", '{"f":"a"}'],
    ["address", '{"f":"5"}'],
    ["text", '{"f":"a\\tb"}'],
    ["token", '{"f":"a\\u0000"}'],
  ])("of kind %s that is optional counts as left out if its text isn't right: %s", async (kind, json) => {
    expect(await field(kind, json, false)).toBeUndefined();
  });

  it.each<[FieldKind, string, string]>([
    ["address", '{"f":["a@b.co"]}', "invalid_address"],
    ["address", '{"f":true}', "invalid_address"],
    ["address", '{"f":5}', "invalid_address"],
    ["address", '{"f":-0}', "invalid_address"],
    ["text", '{"f":{}}', "not_text"],
    ["token", '{"f":1.5}', "not_text"],
  ])("of kind %s is wrong with another type, even if it's optional: %s", async (kind, json, problem) => {
    expect(await field(kind, json, false)).toEqual([problem]);
  });
});

describe("a form", () => {
  it("is read as browsers write it, and the last of several fields counts", () => {
    expect({ ...parseForm("email=a%2Bb%40example.com&x=1+2&x=%C3%A9&&flag&empty=&=v") }).toEqual({
      email: "a+b@example.com",
      x: "é",
      flag: "",
      empty: "",
      "": "v",
    });
  });

  it("keeps an equals sign in a value", () => {
    expect(parseForm("password=a=b==")!["password"]).toBe("a=b==");
  });
});

describe("multipart", () => {
  const part = (head: string, value: string) => `--b\r\n${head}\r\n\r\n${value}\r\n`;
  const named = (name: string, value: string) =>
    part(`Content-Disposition: form-data; name="${name}"`, value);

  it("is read as browsers and scripts write it", () => {
    const text =
      "a preamble\r\n" +
      named("email", "ada@example.com") +
      part(
        "content-disposition: FORM-DATA; name=token\r\nContent-Type: text/plain; charset=UTF-8",
        "t\r\n-- b\r\n--",
      ) +
      part(
        'Content-Disposition: form-data; name="f"; filename="x"\r\nContent-Transfer-Encoding: binary',
        "file",
      ) +
      named("password", "") +
      named("email", "grace@example.com") +
      "--b--\r\nan epilogue";
    expect({ ...parseMultipart(text, "b") }).toEqual({
      email: "grace@example.com",
      token: "t\r\n-- b\r\n--",
      password: "",
    });
  });

  it("may have no parts that are text, or blanks after a delimiter", () => {
    expect({ ...parseMultipart(`--b \t\r\n${named("a", "1").slice(5)}--b--`, "b") }).toEqual({ a: "1" });
  });

  it("that says nothing but its end is no form", () => {
    expect(parseMultipart("--b--\r\n", "b")).toEqual({});
    expect(parseMultipart("", "b")).toBeNull();
    expect(parseMultipart("\r\n--bb--", "b")).toBeNull();
  });

  it("is what FormData makes", async () => {
    const form = new FormData();
    form.set("email", "ada@example.com");
    form.set("password", "a\nb ü");
    const request = new Request("http://a.example/", { method: "POST", body: form });
    const members = await read(
      request.headers.get("content-type")!,
      new Uint8Array(await request.arrayBuffer()),
    );
    expect(members.get("email")).toBe("ada@example.com");
    expect(members.get("password")).toBe("a\r\nb ü");
  });
});
