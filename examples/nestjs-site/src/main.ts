import { NestFactory } from "@nestjs/core";
import cookieParser from "cookie-parser";
import type { PasswordReset } from "resetkit";
import { PASSWORD_RESET } from "resetkit/adapters/nestjs";
import { nodeListener } from "resetkit/adapters/node";
import { htmlPages } from "resetkit/pages";
import { AppModule } from "./app.module.js";

const { PORT = "3000", PUBLIC_URL = "http://localhost:3000" } = process.env;
const app = await NestFactory.create(AppModule);
app.use(cookieParser());
// The forms of the reset, ready-made. One reverse proxy stands in front.
const reset = app.get<PasswordReset>(PASSWORD_RESET, { strict: false });
app.use(nodeListener(htmlPages(reset, { baseUrl: PUBLIC_URL, appName: "Example", trustProxy: 1 })));
app.enableShutdownHooks(); // an email that's under way is sent before the process ends
await app.listen(Number(PORT), "127.0.0.1");
