import { Column, Entity, PrimaryGeneratedColumn } from "typeorm";

@Entity("users")
export class User {
  @PrimaryGeneratedColumn()
  id: number;

  @Column("text", { unique: true })
  email: string;

  /** Null if the user signs in another way, such as with a company account. */
  @Column("text", { name: "password_hash", nullable: true })
  passwordHash: string | null;
}
