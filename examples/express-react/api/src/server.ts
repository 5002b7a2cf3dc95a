import cookieParser from "cookie-parser";
import cors from "cors";
import express from "express";
import { resetMiddleware } from "resetkit/adapters/express";
import { reset } from "./password-reset.js";
import { signIn, userOf } from "./sessions.js";

const { PORT = "3000", WEB_URL = "http://localhost:5173" } = process.env;
const app = express();

// Before the CORS of the rest: it responds to its own preflights. One reverse proxy stands in front.
app.use("/api/password_reset", resetMiddleware(reset, { origins: [WEB_URL], trustProxy: 1 }));

app.use(cors({ origin: WEB_URL, credentials: true }), cookieParser(), express.json());

app.post("/api/session", async (request, response) => {
  const { email, password } = request.body ?? {};
  if (typeof email !== "string" || typeof password !== "string") return void response.sendStatus(400);
  const cookie = await signIn(email, password);
  if (!cookie) return void response.sendStatus(401);
  response.cookie("session", cookie, { httpOnly: true, sameSite: "lax", secure: true }).sendStatus(204);
});

app.get("/api/session", async (request, response) => {
  const user = await userOf(request.cookies.session);
  return user ? response.json({ email: user.email }) : response.sendStatus(401);
});

const server = app.listen(Number(PORT), "127.0.0.1");
void reset.work(); // sends emails, including those that an earlier process left in the queue

process.once("SIGTERM", async () => {
  server.close();
  await reset.close(); // finishes what's under way
});
