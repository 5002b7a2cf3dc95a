import { Module } from "@nestjs/common";
import { TypeOrmModule } from "@nestjs/typeorm";
import { PasswordResetModule } from "resetkit/adapters/nestjs";
import { AccountsController } from "./accounts/accounts.controller.js";
import { Sessions } from "./accounts/sessions.js";
import { Session } from "./accounts/session.entity.js";
import { User } from "./accounts/user.entity.js";
import { PasswordResetOptions } from "./password-reset/password-reset.options.js";

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: "postgres", url: process.env.DATABASE_URL, entities: [User, Session] }),
    PasswordResetModule.forRootAsync({ useClass: PasswordResetOptions }),
  ],
  controllers: [AccountsController],
  providers: [Sessions],
})
export class AppModule {}
