import { NestFactory } from "@nestjs/core";
import { AppModule } from "./app.module.js";

const app = await NestFactory.create(AppModule);
app.setGlobalPrefix("api");
app.enableShutdownHooks(); // a mail that is under way is sent before the process ends
await app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
