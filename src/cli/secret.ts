import { random } from "#crypto";
import { base64url } from "../crypto/encoding.js";
import { say, type Command } from "./terminal.js";

export const secret: Command = {
  name: "secret",
  usage: "",
  summary: "prints a new random secret",
  help: `Prints 32 random bytes for the option "secret". Needs no configuration.

  RESET_SECRET=$(npx resetkit secret)

To rotate a secret without revoking links, put the new one first and keep the old one until
its links have expired: secret: [newSecret, oldSecret].`,
  options: {},
  async run(call) {
    const made = base64url(random(32));
    say(call, made, { secret: made });
  },
};
