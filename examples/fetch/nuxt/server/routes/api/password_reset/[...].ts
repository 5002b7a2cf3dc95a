import { defineEventHandler, getRequestIP, toWebRequest } from "h3";
import { handler } from "../../../utils/password-reset";

export default defineEventHandler((event) => handler(toWebRequest(event), { peer: getRequestIP(event) }));
