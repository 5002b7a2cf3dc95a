import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import type { NetworkProbe } from "../types.js";

/** How long a mail server may take for its greeting and one reply, in milliseconds. */
const patience = 10_000;

/** The doctor's checks that need DNS or a socket. */
export const network: NetworkProbe = {
  async resolves(host) {
    try {
      await lookup(host.replace(/^\[|\]$/g, ""));
      return true;
    } catch {
      return false;
    }
  },

  offersStartTls(host, port) {
    return new Promise((resolve, reject) => {
      let said = "";
      const socket = connect({ host, port });
      const end = (work: () => void) => {
        socket.destroy();
        work();
      };
      socket.setTimeout(patience, () => end(() => reject(new Error("The mail server didn't respond."))));
      socket.once("error", (error) => end(() => reject(error)));
      socket.once("close", () => reject(new Error("The mail server closed the connection.")));
      socket.on("data", (chunk) => {
        said += chunk.toString("latin1");
        if (/^220 [^\n]*\n$/m.test(said) && !said.includes("\n250")) socket.write("EHLO doctor.invalid\r\n");
        if (/^250 [^\n]*\n/m.test(said)) end(() => resolve(/^250[ -]STARTTLS\b/im.test(said)));
      });
    });
  },
};
