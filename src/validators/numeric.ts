export const numeric = () => (p: string) => /^\d+$/.test(p) ? { code: "entirely_numeric", message: "numeric" } : null;
