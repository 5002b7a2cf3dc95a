import { random } from "#crypto";
import { base64url } from "../crypto/encoding.js";
import { say, type Command } from "./terminal.js";

export const secret: Command = {
  name: "secret",
  usage: "",
  summary: "makes a secret",
  help: `Prints 32 random bytes, fit for the option "secret". Needs no configuration.

  RESET_SECRET=$(npx resetkit secret)

To change a secret without ending links that are on their way, put the new one first and keep
the old one for as long as a link lives: secret: [newSecret, oldSecret].`,
  options: {},
  async run(call) {
    const made = base64url(random(32));
    say(call, made, { secret: made });
  },
};
