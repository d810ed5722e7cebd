/** Commands that are documented, but come with a later version. One that comes takes its row away. */
export const NOT_YET: Readonly<Record<string, string>> = {
  forget: 'erase what is held about a contact in Temporal',
};

export function notYetMessage(command: string): string {
  return `"consent-sync ${command}" is not available in this version yet`;
}
