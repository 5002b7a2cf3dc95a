import { describe, expect, it } from "vitest";
import { formatIp, isWithin, networkOf, parseIp, parseNetwork } from "../../src/identity/ip.js";

const spelled = (text: string) => {
  const ip = parseIp(text);
  return ip && formatIp(ip);
};

describe("an address", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    [" 192.0.2.1 ", "192.0.2.1"],
    ["192.0.2.1:443", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:c000:0201", "192.0.2.1"],
    ["0:0:0:0:0:ffff:192.0.2.1", "192.0.2.1"],
    ["[::ffff:192.0.2.1]:80", "192.0.2.1"],
    ["2001:DB8::5", "2001:db8::5"],
    ["[2001:db8::5]", "2001:db8::5"],
    ["[2001:db8::5]:8443", "2001:db8::5"],
    ["[fe80::1%25eth0]:1", "fe80::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["1:2:3:4:5:6::8", "1:2:3:4:5:6:0:8"],
    // RFC 5952, 4.2: two zeros are cut as well, and of two runs of one length the first.
    ["2001:db8:0:0:1:1:1:1", "2001:db8::1:1:1:1"],
    ["2001:0:0:1:0:0:2:3", "2001::1:0:0:2:3"],
    // What looks mapped, but for the groups before it.
    ["1:0:0:0:0:ffff:192.0.2.1", "1::ffff:c000:201"],
    [`${" ".repeat(55)}192.0.2.1`, "192.0.2.1"],
  ])("%s is written as %s", (text, one) => {
    expect(spelled(text)).toBe(one);
  });

  it.each([
    "",
    "localhost",
    "unknown",
    "256.0.0.1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "0x7f.0.0.1",
    "2130706433",
    "1.2.3.4:",
    "1.2.3.4:123456",
    "1.2.3.4, 5.6.7.8",
    ":::",
    "::1::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "12345::",
    "g::",
    "::1.2.3.4:5",
    "1.2.3.4::",
    "1:1.2.3.4::",
    `${" ".repeat(56)}192.0.2.1`,
    "[::1",
    "::1]",
    "[1.2.3.4]",
    "192.0.2.1\0",
    `${"1".repeat(10_000)}.2.3.4`,
  ])("is not read out of %j", (text) => {
    expect(parseIp(text)).toBeNull();
  });
});

describe("a network", () => {
  it.each([
    ["10.0.0.0/8", "10.255.1.2", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["192.0.2.128/25", "192.0.2.127", false],
    ["192.0.2.128/25", "192.0.2.200", true],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "192.0.2.6", false],
    ["0.0.0.0/0", "203.0.113.1", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["2001:db8:0:8000::/49", "2001:db8:0:7fff::1", false],
    ["2001:db8:0:8000::/49", "2001:db8:0:ffff::1", true],
    ["::/0", "192.0.2.1", true],
    ["192.0.2.7/32", "192.0.2.7", true],
    ["::ffff:10.0.0.0/104", "10.1.2.3", true],
    ["2001:db8:1:1:1:1:1:1/64", "2001:db8:1:1::9", true],
    ["2001:db8::1/128", "2001:db8::2", false],
  ])("%s: is %s in it? %s", (network, ip, answer) => {
    expect(isWithin(parseNetwork(network)!, parseIp(ip)!)).toBe(answer);
  });

  it.each([
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "::/129",
    "example.com",
    "/8",
    "10.0.0.0/0x8",
  ])("is not read out of %j", (text) => {
    expect(parseNetwork(text)).toBeNull();
  });
});

describe("a rate limit counts", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3::9", "2001:db8:1:2::/64"],
    ["socket.example", "socket.example"],
    ["x".repeat(65), "x".repeat(64)],
  ])("%s as %s", (text, counted) => expect(networkOf(text)).toBe(counted));

  it("a site as its /48", () => expect(networkOf("2001:db8:1:2:3::9", 3)).toBe("2001:db8:1::/48"));
});
