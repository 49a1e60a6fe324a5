export const webChatVersion: string;
/** The path of the bundle, present or not. */
export function webChatFile(root: string): string;
export function fetchWebChat(root: string, say: (text: string) => void): void;
