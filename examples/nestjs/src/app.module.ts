import { Module } from "@nestjs/common";
import { TypeOrmModule } from "@nestjs/typeorm";
import { PasswordResetModule } from "resetkit/adapters/nestjs";
import { PasswordResetOptions } from "./password-reset/password-reset.options.js";
import { SupportController } from "./support.controller.js";
import { Session } from "./users/session.entity.js";
import { User } from "./users/user.entity.js";

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: "postgres", url: process.env.DATABASE_URL, entities: [User, Session] }),
    PasswordResetModule.forRootAsync({ useClass: PasswordResetOptions }),
  ],
  controllers: [SupportController],
})
export class AppModule {}
