export const length = ({ min = 8 }: any = {}) => (p: string) => p.length < min ? { code: "too_short", params: { min }, message: "short" } : null;
