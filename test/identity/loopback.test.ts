import { afterEach, describe, expect, it, vi } from "vitest";
import { isInDevelopment, isLoopback } from "../../src/identity/loopback.js";

describe("this computer", () => {
  it.each([
    "localhost",
    "LOCALHOST",
    "app.localhost",
    "127.0.0.1",
    "127.255.0.10",
    "::1",
    "[::1]",
    "::ffff:127.0.0.1",
  ])("is %s", (host) => expect(isLoopback(host)).toBe(true));

  it.each([
    "",
    "localhost.example.com",
    "example.com/localhost.",
    "notlocalhost",
    ".localhost",
    "127.0.0.1.example.com",
    "127.0.0",
    "127.0.0.1000",
    "1127.0.0.1",
    "::ffff:10.0.0.1",
    "::11",
    "[::1",
    "2001:db8::1",
    "10.0.0.1",
  ])("isn't %j", (host) => expect(isLoopback(host)).toBe(false));
});

describe("a network at home, while an application is being developed,", () => {
  const hosts = [
    ...["10.0.0.1", "192.168.1.20", "172.16.0.1", "172.19.0.1", "172.20.0.1", "172.29.0.1", "172.31.0.1"],
    ...["[fc00::1]", "[fd12:3456::1]", "web", "mail-server", "laptop.local", "app.internal", "shop.test"],
  ];
  afterEach(() => void vi.unstubAllEnvs());

  it.each(hosts)("has %s", (host) => expect(isInDevelopment(host)).toBe(true));

  it.each([
    ...["example.com", "110.0.0.1", "192.169.0.1", "172.15.0.1", "172.32.0.1", "172.2.0.1", "[fe80::1]"],
    ...["[2001:db8::1]", "laptop.local.example.com", ".test", "latest.example", "1.2.3.4"],
    ...["10.example.com", "192.168.example.com", "10.0.0.1.example.com"],
  ])("doesn't have %s", (host) => expect(isInDevelopment(host)).toBe(false));

  it.each(hosts)("is none in production: %s", (host) => {
    vi.stubEnv("NODE_ENV", "production");
    expect(isInDevelopment(host)).toBe(false);
  });
});
