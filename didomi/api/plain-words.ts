const HIDDEN = '«…»';
const MAX_READ = 1_000;
const MAX_HTML_READ = 20_000;

/** Letters only, with the punctuation of a sentence around them. */
const PLAIN_WORD = /^[("'`]*\p{L}+(?:['’-]\p{L}+)*[)"'`.,;:!?]*$/u;

/**
 * What can be quoted of a foreign text in logs and histories: its plain words. Whatever may name a person or open a
 * door (the `secrets` of the call, and every word with a digit, `@`, `/` or the like) is hidden; of an HTML page the
 * title remains.
 */
export function plainWords(text: string, secrets: readonly string[]): string {
  const line = secrets.reduce(hide, oneLine(isHtml(text) ? htmlTitle(text) : text));
  return line
    .split(' ')
    .map((word) => (word === '' || PLAIN_WORD.test(word) ? word : HIDDEN))
    .join(' ')
    .replace(/(?:«…» ?){2,}/g, `${HIDDEN} `)
    .trim();
}

export function isHtml(text: string): boolean {
  return /^\s*<(!doctype|html|head|body|title|h\d|div|p|center)\b/i.test(text);
}

function htmlTitle(html: string): string {
  const start = html.slice(0, MAX_HTML_READ);
  return /<title[^>]*>([^<]*)/i.exec(start)?.[1] ?? start.replace(/<[^>]*>/g, ' ');
}

/** The last word of a text that is cut goes too: half a name would not be recognised as one. */
function oneLine(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length <= MAX_READ ? line : line.slice(0, MAX_READ).replace(/\S+$/, '…');
}

/** Below this many characters a secret that is a part of a longer run of letters cannot be told from a word. */
const LONG = 8;

/** Hides a secret that stands by itself, and a long one wherever it stands. */
function hide(text: string, secret: string): string {
  const spelling = secret.replace(/\s+/g, ' ').trim();
  if (spelling === '') return text;
  const escaped = spelling.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const pattern = spelling.length < LONG ? `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])` : escaped;
  return text.replace(new RegExp(pattern, 'giu'), HIDDEN);
}
