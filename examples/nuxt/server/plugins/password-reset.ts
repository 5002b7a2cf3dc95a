import { migrated, reset } from "../utils/password-reset";

/** Sends emails, including those that an earlier process left in the queue, and ends with the server. */
export default defineNitroPlugin(async (nitro) => {
  await migrated;
  void reset.work();
  nitro.hooks.hook("close", () => reset.close());
});
