export const kText: string;
