import { afterEach, describe, expect, it, vi } from "vitest";
import { fromRequest, joinBytes, toResponse } from "../../src/http/fetch.js";
import { createHandler } from "../../src/http/handler.js";
import { lingering } from "../../src/http/lingering-close.js";
import { recordingReset } from "../../src/testing/handler/scene.js";
import { keptLog } from "../kit.js";

const url = "https://app.example.com/api/password_reset/";
const limits = { maxBytes: 2_000, timeout: 10_000 };
const piece = (length: number) => new Uint8Array(length).fill(0x20);

interface Source {
  readonly body: ReadableStream<Uint8Array>;
  /** How many pieces were asked for. */
  asked: number;
  isCancelled: boolean;
}

/** A body that has nothing until it's asked, and then these pieces. Without an end, the last one is all that comes. */
function source(pieces: readonly Uint8Array[], end: "ends" | "hangs" | "breaks" = "ends"): Source {
  const left = [...pieces];
  const made = { asked: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(stream) {
        made.asked++;
        const next = left.shift();
        if (next) return stream.enqueue(next);
        if (end === "ends") return stream.close();
        if (end === "breaks") return stream.error(new Error("connection reset"));
        return new Promise<void>(() => undefined);
      },
      cancel: () => void (made.isCancelled = true),
    },
    { highWaterMark: 0 },
  );
  return Object.assign(made, { body });
}

function post(body: BodyInit | null, headers: Readonly<Record<string, string>> = {}): Request {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
  return new Request(url, { ...init, duplex: "half" } as RequestInit);
}

/** The text that was read, or the code of the error. */
async function read(request: Request): Promise<string> {
  try {
    const body = await fromRequest(request).body(limits);
    return body.kind === "bytes" ? new TextDecoder().decode(body.bytes) : body.kind;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** Lets everything happen that waits for no timer. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A timer that's left would keep a process alive. */
const stopClock = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the target of a Request", () => {
  it.each([
    ["https://app.example.com/api/confirm/", "/api/confirm/", ""],
    ["https://app.example.com/api/confirm/?next=/a?b&c=d", "/api/confirm/", "next=/a?b&c=d"],
    ["https://app.example.com/api/confirm/#top?x", "/api/confirm/", ""],
    ["https://app.example.com/api/confirm/?a=b#top", "/api/confirm/", "a=b"],
    ["http://[::1]:8080/a%2fb//c", "/a%2fb//c", ""],
    [
      "https://app.example.com/at?url=http://other.example/confirm/",
      "/at",
      "url=http://other.example/confirm/",
    ],
  ])("of %s is %j with the query %j", (address, path, query) => {
    expect(fromRequest(new Request(address))).toMatchObject({ path, query });
  });

  it("is the root if a runtime writes no path", () => {
    const bare = { url: "https://app.example.com?a=b", method: "GET", headers: new Headers() };
    expect(fromRequest(bare as Request)).toMatchObject({ path: "/", query: "a=b" });
  });

  it("is the root if the address has no host, whatever it says after its scheme", () => {
    const data = new Request("data:text/plain,http://other.example/confirm/?a=b");
    expect(fromRequest(data)).toMatchObject({ path: "/", query: "" });
  });
});

describe("a Response", () => {
  it("has each of several headers of one name", async () => {
    const response = toResponse({
      status: 303,
      headers: { location: "/a", "set-cookie": ["a=1; Path=/", "b=2"], vary: [] },
      body: "text",
    });
    expect(response.status).toBe(303);
    expect(response.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
    expect(response.headers.get("location")).toBe("/a");
    expect(response.headers.has("vary")).toBe(false);
    expect(await response.text()).toBe("text");
  });

  it("gets its headers as they are if none repeats, so that servers need to make no Headers", () => {
    const given: (ResponseInit | undefined)[] = [];
    vi.stubGlobal("Response", function (_: BodyInit | null, init?: ResponseInit) {
      given.push(init);
    });
    const headers = { allow: "POST", vary: "Accept" };
    toResponse({ status: 200, headers, body: "{}" });
    expect(given[0]!.headers).toBe(headers);
  });

  it("has no body if there's no text, as a 204 demands", () => {
    const response = toResponse({ status: 204, headers: {}, body: "" });
    expect([response.status, response.body]).toEqual([204, null]);
  });
});

describe("the body of a Request", () => {
  it("is all its pieces in their order", async () => {
    const pieces = ['{"a":', "1", "}"].map((text) => new TextEncoder().encode(text));
    expect(await read(post(source(pieces).body))).toBe('{"a":1}');
  });

  it("is empty if there's none", async () => {
    expect(await read(new Request(url, { method: "POST" }))).toBe("");
  });

  it("may be as large as the limit, and not a byte larger", async () => {
    expect(await read(post(source([piece(1_000), piece(1_000)]).body))).toBe(" ".repeat(2_000));
    expect(await read(post(source([piece(1_000), piece(1_001)]).body))).toBe("body_too_large");
  });

  it("isn't read at all if the length that it declares is above the limit", async () => {
    const declaring = (length: string) => {
      const made = source([piece(10)]);
      return { made, read: () => read(post(made.body, { "content-length": length })) };
    };
    const large = declaring("2001");
    expect(await large.read()).toBe("body_too_large");
    expect(large.made.asked).toBe(0);
    expect(await declaring("2000").read()).toBe(" ".repeat(10));
  });

  it("that someone has read before is a mistake of the application, and the log has the fix", async () => {
    const log = keptLog();
    const request = post("{}");
    await request.text();
    const response = await createHandler(recordingReset().reset, { log })(request);
    expect(response.status).toBe(500);
    expect(log.lines.join()).toContain(
      "The body of the Request was read before resetkit received it. Pass request.clone(), or mount resetkit first.",
    );
  });

  it("that breaks off is malformed, and the error has the cause", async () => {
    const reading = fromRequest(post(source([piece(10)], "breaks").body)).body(limits);
    await expect(reading).rejects.toMatchObject({
      code: "malformed_body",
      cause: { message: "connection reset" },
    });
  });

  it("is malformed if the runtime can't make the Request, and the error has the cause", async () => {
    const cause = new TypeError("Request cannot be constructed from a URL that includes credentials");
    const late = {
      ...{ url, method: "POST", headers: new Headers() },
      get bodyUsed(): boolean {
        throw cause;
      },
    };
    const reading = Promise.resolve(fromRequest(late as Request).body(limits));
    await expect(reading).rejects.toMatchObject({ code: "malformed_body", cause });
  });

  it("that hangs is given up after the time limit", async () => {
    stopClock();
    const reading = read(post(source([piece(10)], "hangs").body));
    await settle();
    vi.advanceTimersByTime(limits.timeout);
    expect(await reading).toBe("body_timeout");
  });

  it("leaves no timer behind once it's read", async () => {
    stopClock();
    await read(post(source([piece(10)]).body));
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("the rest of a body that was refused", () => {
  it("is read on for a megabyte exactly, and then cancelled", async () => {
    const sixteenth = piece(lingering.bytes / 16);
    const made = source(Array<Uint8Array>(40).fill(sixteenth));
    expect(await read(post(made.body))).toBe("body_too_large");
    await settle();
    // The first one was above the limit.
    expect([made.asked, made.isCancelled]).toEqual([17, true]);
  });

  it("is read to its end, which leaves no timer behind", async () => {
    stopClock();
    const made = source([piece(3_000), piece(1), piece(1)]);
    expect(await read(post(made.body))).toBe("body_too_large");
    await settle();
    expect([made.asked, made.isCancelled, vi.getTimerCount()]).toEqual([4, false, 0]);
  });

  it("is cancelled after a second if it hangs", async () => {
    stopClock();
    const made = source([piece(3_000)], "hangs");
    expect(await read(post(made.body))).toBe("body_too_large");
    await settle();
    vi.advanceTimersByTime(lingering.milliseconds - 1);
    await settle();
    expect(made.isCancelled).toBe(false);
    vi.advanceTimersByTime(1);
    await settle();
    expect([made.isCancelled, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it("may break off", async () => {
    stopClock();
    const made = source([piece(3_000)], "breaks");
    expect(await read(post(made.body))).toBe("body_too_large");
    await settle();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("pieces of bytes", () => {
  it("are joined in their order", () => {
    expect(
      joinBytes([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3), Uint8Array.of(4, 5)], 5),
    ).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
    expect(joinBytes([], 0)).toEqual(new Uint8Array());
  });

  it("aren't copied if there's one that has them all", () => {
    const only = Uint8Array.of(1, 2, 3);
    expect(joinBytes([only], 3)).toBe(only);
  });
});
