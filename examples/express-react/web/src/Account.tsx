import { useEffect, useState } from "react";
import { Navigate } from "react-router";
import { session } from "./api.js";

export function Account() {
  const [user, setUser] = useState<{ email: string } | null>();
  useEffect(() => void session().then(setUser), []);
  if (user === undefined) return null;
  if (user === null) return <Navigate to="/login" replace />;
  return <h1>Signed in as {user.email}</h1>;
}
