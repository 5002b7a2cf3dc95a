import type { D1Database } from "resetkit/connections/d1";

/** What wrangler.jsonc binds. `npx wrangler types` writes the same, with all that D1 can do. */
export interface Env {
  readonly DB: D1Database;
  readonly APP_URL: string;
  readonly POSTMARK_URL: string;
  readonly POSTMARK_TOKEN: string;
  readonly RESET_SECRET: string;
}
