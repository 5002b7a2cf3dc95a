import { startGateway } from "../servers/documentdb-gateway.js";
import { documentdb } from "../servers/documentdb.js";

/** Starts DocumentDB for all files of the run, unless MONGODB_URL names a server. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env["MONGODB_URL"]) return undefined;
  const gateway = await startGateway(await documentdb());
  process.env["MONGODB_URL"] = gateway.url;
  return () => gateway.stop();
}
