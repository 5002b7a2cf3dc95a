/** What `wrangler types` writes for this Worker. */
declare namespace Cloudflare {
  interface Env {
    DB: D1Database;
    APP_URL: string;
    POSTMARK_URL: string;
    POSTMARK_TOKEN: string;
    RESET_SECRET: string;
  }
}
