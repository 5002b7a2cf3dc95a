import node from "@astrojs/node";
import { defineConfig } from "astro/config";

const { protocol, hostname, port } = new URL(process.env.PUBLIC_URL ?? "http://localhost:4321");

export default defineConfig({
  output: "server",
  adapter: node({ mode: "standalone" }),
  // The host that forms may come from. Astro doesn't believe the Host header otherwise.
  security: { allowedDomains: [{ protocol: protocol.slice(0, -1), hostname, ...(port && { port }) }] },
});
