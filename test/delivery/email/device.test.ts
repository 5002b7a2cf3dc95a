import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deviceOf, networkOf } from "../../../src/delivery/email/device.js";

describe("deviceOf", () => {
  it.each([
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
      "Edge (Windows)",
    ],
    [
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
      "Chrome (Linux)",
    ],
    [
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
      "Samsung Internet (Android)",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
      "Safari (iOS)",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.0.0 Mobile/15E148 Safari/604.1",
      "Chrome (iOS)",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
      "Firefox (macOS)",
    ],
    [
      "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 OPR/120.0.0.0",
      "Opera (ChromeOS)",
    ],
    ["Dalvik/2.1.0 (Linux; U; Android 14)", "Android"],
    ["curl/8.5.0", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("takes %s for %s", (agent, device) => {
    expect(deviceOf(agent)).toBe(device);
  });

  it("never quotes the agent (2,000 texts)", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("Firefox/1", "(Windows", "<b>", "\r\n", "Edg/"),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const device = deviceOf(pieces.join(" "));
        expect(device ?? "").toMatch(/^(?:|[A-Z][A-Za-z ]+|[A-Z][A-Za-z ]+ \([A-Za-z]+\)|iOS|macOS)$/);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("networkOf", () => {
  it.each([
    ["203.0.113.77", "203.0.113.x"],
    ["::ffff:203.0.113.77", "203.0.113.x"],
    ["2001:db8:7:abcd:1:2:3:4", "2001:db8:7::"],
    ["2001:DB8:7::1", "2001:db8:7::"],
    ["2001:db8::1", "2001:db8::"],
    ["fe80::1%eth0", "fe80::"],
    ["::1", "::"],
    ["1.2.3", undefined],
    ["203.0.113.77, 10.0.0.1", undefined],
    ["<b>", undefined],
    ["2001:db8:\r\nBcc: x", undefined],
    ["a:".repeat(50_000), undefined],
    ["", undefined],
    [undefined, undefined],
  ])("takes %s for %s", (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });
});
