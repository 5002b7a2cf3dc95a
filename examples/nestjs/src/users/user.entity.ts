import { Column, Entity, PrimaryGeneratedColumn } from "typeorm";

@Entity("users")
export class User {
  @PrimaryGeneratedColumn()
  id: number;

  @Column("text", { unique: true })
  email: string;

  @Column("text", { name: "password_hash" })
  passwordHash: string;

  @Column("boolean", { default: true })
  active: boolean;
}
