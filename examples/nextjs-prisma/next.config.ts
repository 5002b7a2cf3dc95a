import type { NextConfig } from "next";

const config: NextConfig = {
  // As create-next-app writes it: pages are prerendered, but for what reads a request.
  cacheComponents: true,
  // Front ends that write the slash at the end, /confirm/, get a response without a redirect.
  skipTrailingSlashRedirect: true,
};

export default config;
