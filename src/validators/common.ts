export const common = () => (p: string) => ["1234","12345678","password"].includes(p) ? { code: "too_common", message: "common" } : null;
