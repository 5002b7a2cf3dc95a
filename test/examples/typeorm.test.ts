import { DataSource } from "typeorm";
import { typeorm } from "resetkit/connections/typeorm";
import { accounts, createReset, SessionEntity, UserEntity } from "../../examples/typeorm/password-reset.js";
import { ormJob } from "./orm-job.js";

ormJob("TypeORM", async (url) => {
  const source = new DataSource({ type: "postgres", url, entities: [UserEntity, SessionEntity] });
  await source.initialize();
  return {
    connection: typeorm(source),
    users: accounts(source),
    createReset: (options) => createReset(source, options),
    close: () => source.destroy(),
  };
});
