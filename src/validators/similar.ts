export const similar = () => (_p: string) => null;
