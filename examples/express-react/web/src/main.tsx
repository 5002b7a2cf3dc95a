import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter, Route, Routes } from "react-router";
import { Account } from "./Account.js";
import { ForgotPassword } from "./ForgotPassword.js";
import { ResetPassword } from "./ResetPassword.js";
import { SignIn } from "./SignIn.js";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <BrowserRouter>
      <Routes>
        <Route path="/" element={<Account />} />
        <Route path="/login" element={<SignIn />} />
        <Route path="/forgot-password" element={<ForgotPassword />} />
        <Route path="/reset-password/*" element={<ResetPassword />} />
      </Routes>
    </BrowserRouter>
  </StrictMode>,
);
