import type { NextConfig } from "next";

const config: NextConfig = {
  // Front ends that write the slash at the end, /confirm/, are answered without a detour.
  skipTrailingSlashRedirect: true,
};

export default config;
