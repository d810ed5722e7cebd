const CONTROL = /\p{Cc}/gu;

/** Text from outside as a terminal may show it: on one line, and without anything that the terminal would obey. */
export function printable(text: string): string {
  return text.replace(CONTROL, '�');
}
