import { Column, Entity, PrimaryColumn } from "typeorm";

@Entity("sessions")
export class Session {
  @PrimaryColumn("text", { name: "cookie_hash" })
  cookieHash: string;

  @Column("int", { name: "user_id" })
  userId: number;
}
