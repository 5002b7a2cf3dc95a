import { describe, expect, it } from "vitest";
import { createVisitor, type VisitorOptions } from "../../src/http/visitor.js";
import type { HttpRequest, ResetContext } from "../../src/types.js";
import { keptLog } from "../kit.js";

function setUp(options: VisitorOptions = {}) {
  const log = keptLog();
  const visitor = createVisitor(options, log);
  const of = (
    ip: string | undefined,
    headers: Record<string, string> = {},
    given: ResetContext = {},
    own: ResetContext = {},
    raw?: unknown,
  ) => visitor({ ...requestOf(ip, headers), raw }, given, own);
  return { of, log };
}

function requestOf(ip: string | undefined, headers: Record<string, string>): HttpRequest {
  return {
    method: "POST",
    path: "/",
    query: "",
    ip,
    header: (name) => headers[name],
    body: () => ({ kind: "bytes", bytes: new Uint8Array() }),
  };
}

describe("without trustProxy", () => {
  it("the visitor is who holds the connection, in one spelling", () => {
    const { of } = setUp();
    expect(of("::ffff:192.0.2.1").ip).toBe("192.0.2.1");
    expect(of("2001:DB8:0::1").ip).toBe("2001:db8::1");
    expect(of(undefined).ip).toBeUndefined();
    expect(of("pipe").ip).toBeUndefined();
  });

  it("a forwarded address is not believed, and is one error in the log, with the fix", () => {
    const { of, log } = setUp();
    for (let n = 0; n < 5; n++) {
      expect(of("10.0.0.1", { "x-forwarded-for": `203.0.113.${n}` }).ip).toBe("10.0.0.1");
    }
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toMatch(
      /^error: .*x-forwarded-for.*Set trustProxy .*or to 0 if there's no proxy\.$/,
    );
    expect(log.lines[0]).not.toContain("203.0.113");
  });

  it.each(["x.192.0.2", "1.2", "1.x.y.z", "192.0.2.1.5", "192.0.2.1:x", "unknown"])(
    "a connection whose address is written as %j has none",
    (ip) => {
      expect(setUp().of(ip).ip).toBeUndefined();
    },
  );

  const app = (get?: unknown) => ({ app: { get } });

  it.each<[string, unknown, boolean]>([
    ["Express trusts proxies", app((name: string) => name === "trust proxy"), true],
    ["Express trusts none", app((name: string) => name !== "trust proxy"), false],
    ["the application is not Express", app(), false],
    ["the request has no application", {}, false],
    ["there's no request but the plain one", undefined, false],
  ])("the error says that Express's own setting isn't read only where it has one: %s", (_, raw, isTold) => {
    const { of, log } = setUp();
    of("10.0.0.1", { "x-forwarded-for": "203.0.113.5" }, {}, {}, raw);
    const own = isTold ? ` Express's own "trust proxy" isn't read.` : "";
    expect(log.lines).toEqual([
      `error: A request came with the header x-forwarded-for, which isn't read.${own} Behind a reverse proxy, all clients share its address and one rate limit. Set trustProxy to the number or the addresses of your proxies, or to 0 if there's no proxy.`,
    ]);
  });

  it("a header of one's own is not believed either", () => {
    const { of, log } = setUp({ ipHeader: "CF-Connecting-IP" });
    expect(of("10.0.0.1", { "cf-connecting-ip": "203.0.113.5" }).ip).toBe("10.0.0.1");
    expect(log.lines[0]).toContain("cf-connecting-ip");
  });

  it("trustProxy: 0 says that there is no proxy, and nothing is logged", () => {
    const { of, log } = setUp({ trustProxy: 0 });
    expect(of("10.0.0.1", { "x-forwarded-for": "203.0.113.5" }).ip).toBe("10.0.0.1");
    expect(log.lines).toEqual([]);
  });
});

describe("behind as many proxies as trustProxy says", () => {
  it.each([
    [1, "203.0.113.5", "203.0.113.5"],
    [1, "6.6.6.6, 203.0.113.5", "203.0.113.5"],
    [2, "6.6.6.6, 203.0.113.5, 10.0.0.2", "203.0.113.5"],
    [2, "203.0.113.5", "203.0.113.5"],
    [1, "203.0.113.5:4711", "203.0.113.5"],
    [1, "[2001:db8::1]:4711", "2001:db8::1"],
    [1, "::ffff:203.0.113.5", "203.0.113.5"],
    [1, "", "10.0.0.1"],
    [1, "not an address", "10.0.0.1"],
    [2, "203.0.113.5, unknown", "10.0.0.1"],
    [1, "203.0.113.5, ", "10.0.0.1"],
  ])("%i: of %j the visitor is %s", (trustProxy, header, ip) => {
    expect(setUp({ trustProxy }).of("10.0.0.1", { "x-forwarded-for": header }).ip).toBe(ip);
  });

  it("a request that came past them is counted by its connection", () => {
    expect(setUp({ trustProxy: 1 }).of("203.0.113.9").ip).toBe("203.0.113.9");
  });

  it("a runtime that does not know the connection takes it for a proxy", () => {
    const { of } = setUp({ trustProxy: 1, ipHeader: "cf-connecting-ip" });
    expect(of(undefined, { "cf-connecting-ip": "203.0.113.5" }).ip).toBe("203.0.113.5");
    expect(of(undefined, { "cf-connecting-ip": "garbage" }).ip).toBeUndefined();
  });
});

describe("behind proxies that trustProxy names", () => {
  const trustProxy = ["127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48"];

  it.each([
    ["127.0.0.1", "203.0.113.5, 10.0.0.1", "203.0.113.5"],
    ["::ffff:127.0.0.1", "203.0.113.5", "203.0.113.5"],
    ["2001:db8:1::9", "6.6.6.6, 203.0.113.5, 10.9.9.9", "203.0.113.5"],
    ["127.0.0.1", "10.0.0.7, 10.0.0.1", "10.0.0.7"],
    ["127.0.0.1", "garbage, 10.0.0.1", "10.0.0.1"],
    ["198.51.100.1", "203.0.113.5", "198.51.100.1"],
    [undefined, "203.0.113.5, 10.0.0.1", "203.0.113.5"],
  ])("from %s with %j the visitor is %s", (peer, header, ip) => {
    expect(setUp({ trustProxy }).of(peer, { "x-forwarded-for": header }).ip).toBe(ip);
  });

  it("the header Forwarded is read too (RFC 7239)", () => {
    const { of } = setUp({ trustProxy, ipHeader: "Forwarded" });
    const from = (forwarded: string) => of("10.0.0.1", { forwarded }).ip;
    expect(from("for=192.0.2.60;proto=http;by=203.0.113.43")).toBe("192.0.2.60");
    expect(from('proto=https;For="[2001:db8:cafe::17]:4711", for=10.0.0.2')).toBe("2001:db8:cafe::17");
    expect(from("for=_hidden, for=10.0.0.2")).toBe("10.0.0.2");
    expect(from("for=unknown")).toBe("10.0.0.1");
    expect(from("proto=http")).toBe("10.0.0.1");
  });

  it("any chain of junk gives an address or nothing, and no error", () => {
    const { of } = setUp({ trustProxy });
    for (const junk of [
      "\0",
      "%",
      ",".repeat(9_000),
      "10.0.0.1,".repeat(900),
      "1".repeat(9_000),
      "[[",
      "💥",
    ]) {
      expect(of("10.0.0.1", { "x-forwarded-for": junk }).ip).toBe("10.0.0.1");
    }
  });
});

describe("what the caller knows", () => {
  it("wins over the application's context, and that over the request", () => {
    const { of, log } = setUp();
    const headers = { "x-forwarded-for": "1.1.1.1", "user-agent": "browser", "accept-language": "fr" };
    const own = { ip: "192.0.2.2", locale: "de", scope: "b", data: { n: 2 } };
    expect(of("192.0.2.3", headers, { ip: "192.0.2.1", scope: "a" }, own)).toEqual({
      ip: "192.0.2.1",
      userAgent: "browser",
      locale: "de",
      scope: "a",
      data: { n: 2 },
      waitUntil: undefined,
    });
    expect(log.lines).toEqual([]);
  });
});

describe("what the platform or the application says about a request", () => {
  const headers = { "user-agent": "browser", "accept-language": "fr" };

  it.each<[string, ResetContext, ResetContext, string]>([
    ["neither, so the header counts", {}, {}, "browser"],
    ["the application", {}, { userAgent: "kiosk" }, "kiosk"],
    ["the caller", { userAgent: "terminal" }, {}, "terminal"],
    ["both, and the caller wins", { userAgent: "terminal" }, { userAgent: "kiosk" }, "terminal"],
  ])("may name the user agent: %s", (_, given, own, userAgent) => {
    expect(setUp().of(undefined, headers, given, own).userAgent).toBe(userAgent);
  });

  /** As platforms make theirs: a method that fails without its object. */
  class Platform {
    readonly #kept: unknown[] = [];
    waitUntil(work: unknown) {
      this.#kept.push(work);
    }
    get kept() {
      return this.#kept;
    }
  }

  it("may come with a waitUntil that needs its own object, and the caller's wins", () => {
    const { of } = setUp();
    const [platform, other] = [new Platform(), new Platform()];
    const work = Promise.resolve();
    of(undefined, {}, platform).waitUntil?.(work);
    of(undefined, {}, {}, platform).waitUntil?.(work);
    of(undefined, {}, platform, other).waitUntil?.(work);
    expect([platform.kept, other.kept]).toEqual([[work, work, work], []]);
  });
});

describe("the user agent", () => {
  it("is bounded, and one line", () => {
    const { of } = setUp();
    const agent = (text: string) => of(undefined, { "user-agent": text }).userAgent;
    expect(agent("Mozilla/5.0 (X11)")).toBe("Mozilla/5.0 (X11)");
    expect(agent("a\r\nb\u001b[31mc\u2028d")).toBe("a  b [31mc d");
    expect(agent("x".repeat(9_000))).toBe("x".repeat(512));
    expect(agent("x".repeat(511) + "💥")).toBe("x".repeat(511));
    expect(agent(" \t ")).toBeUndefined();
  });

  it("is read from the header that the application names", () => {
    const { of } = setUp({ userAgentHeader: "X-Device" });
    expect(of(undefined, { "user-agent": "browser", "x-device": "kiosk" }).userAgent).toBe("kiosk");
  });
});

describe("the language", () => {
  it.each([
    ["de", "de"],
    ["pt-BR,pt;q=0.9,en;q=0.8", "pt-BR"],
    ["en;q=0.5, de;q=0.7, fr;q=0.6", "de"],
    ["*", undefined],
    ["*, de;q=0.5", "de"],
    ["de;q=0", undefined],
    ["zh-Hant-TW", "zh-Hant-TW"],
    ["../../etc/passwd", undefined],
    ["<script>, de", "de"],
    ["x".repeat(9_000), undefined],
    ["", undefined],
    [undefined, undefined],
    ["de-!!, en", "en"],
    ["en; q=0.5, de; q=0.7", "de"],
    ["en ;q=0.5 , de ;q=0.7 ", "de"],
    ["en;q=0.5, de;q=0.7x", "en"],
    ["en;q=.5,de;q=.7", "de"],
    ["en;q=0.655,de;q=0.75", "de"],
    ["en;q=0.9,de;q=1", "de"],
    ["en;q=0.9,de;q=1.", "de"],
    ["en;q=0.9,de;q=1.0", "de"],
    ["en;q=0.9,de;q=1.000", "de"],
    ["en;q=0.9,de;q=1.5", "en"],
    ["de;q=0.000", undefined],
    ["en;q=0,de;q=0.,fr;q=0.000,it;q=0.001", "it"],
    [`${"*,".repeat(9)}de`, "de"],
    [`${"*,".repeat(10)}de`, undefined],
    [`${"x".repeat(253)},de`, "de"],
    [`${"x".repeat(256)},de`, undefined],
  ])("of %j is %s", (header, locale) => {
    expect(setUp().of(undefined, header === undefined ? {} : { "accept-language": header }).locale).toBe(
      locale,
    );
  });
});

describe("an option that cannot work", () => {
  it.each([
    [{ trustProxy: true }, "Use the number of your proxies"],
    [{ trustProxy: "10.0.0.1" }, "Use the number of your proxies"],
    [{ trustProxy: -1 }, "trustProxy is -1. Pass an integer from 0 to 32"],
    [{ trustProxy: 1.5 }, "trustProxy is 1.5"],
    [{ trustProxy: ["proxy.example"] }, `trustProxy has "proxy.example", which isn't an IP address`],
    [{ trustProxy: [42] }, "trustProxy has 42, which isn't an IP address"],
    [{ trustProxy: ["0.0.0.0/0"] }, "would trust almost every client"],
    [{ trustProxy: ["::/0"] }, "would trust almost every client"],
    [{ trustProxy: ["::ffff:0.0.0.0/96"] }, "would trust almost every client"],
    [{ ipHeader: "x forwarded" }, "ipHeader is x forwarded. Use the name of a header"],
    [{ ipHeader: 42 }, "ipHeader is 42. Use the name of a header"],
    [{ userAgentHeader: "" }, "userAgentHeader is"],
  ])("%j is refused", (options, sentence) => {
    expect(() => setUp(options as any)).toThrow(sentence);
  });
});
