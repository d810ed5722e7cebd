/** Stands where something private was. */
export const HIDDEN = '«…»';

const MAX_READ = 2_000;
const MAX_HTML_READ = 20_000;
/** Below this many characters a secret is hidden only where it stands alone: contact id 4 must not eat every 4. */
const SHORT = 4;

/** Each looked at once: a pattern of the whole address would begin anew at each letter of a long word. */
const WORD = /[^\s<>"'(),;:«»]+/gu;
const HAS_E_MAIL = /.(?:@|%40)./iu;
const API_KEY = /xkeysib-[\w-]+/gi;
const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const IP_V4 = `(?<ip>(?<![\\d.])${OCTET}(?:\\.${OCTET}){3}(?!\\.?\\d))`;
const IP_OR_PHONE_LIKE = new RegExp(`${IP_V4}|\\+?\\d(?:[\\s().-]*\\d){5,}`, 'g');

/**
 * A foreign text in one line, fit for logs, histories and screens: HTML is reduced to its title, and `secrets`
 * (the API key, the identifier of the call), e-mail addresses and runs of six or more digits are hidden. IP
 * addresses stay: Brevo names the one of ours that it blocks.
 */
export function safeText(text: string, secrets: readonly string[]): string {
  const line = oneLine(isHtml(text) ? htmlTitle(text) : text);
  // The longest first: a shorter one may be a part of it.
  return secrets
    .toSorted((a, b) => b.length - a.length)
    .reduce(hide, line)
    .replace(API_KEY, HIDDEN)
    .replace(WORD, (word) => (HAS_E_MAIL.test(word) ? HIDDEN : word))
    .replace(IP_OR_PHONE_LIKE, (digits, ip: string | undefined) => (ip === undefined ? HIDDEN : digits));
}

/** Cuts before anything is hidden, and then the last word too: half an address would not be recognised as one. */
function oneLine(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length <= MAX_READ ? line : line.slice(0, MAX_READ).replace(/\S+$/, '…');
}

function isHtml(text: string): boolean {
  return /^\s*<(!doctype|html|head|body|title|h\d|div|p|center)\b/i.test(text);
}

function htmlTitle(html: string): string {
  const start = html.slice(0, MAX_HTML_READ);
  return /<title[^>]*>([^<]*)/i.exec(start)?.[1] ?? start.replace(/<[^>]*>/g, ' ');
}

/** Whether a secret stands in a text, by itself or, where it is not short, as a part of something. */
export function holds(text: string, secret: string): boolean {
  return hide(text, secret) !== text;
}

function hide(text: string, secret: string): string {
  if (secret === '') return text;
  const spellings = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  const either = [...new Set(spellings)].map(escapeForRegExp).join('|');
  const pattern =
    secret.length < SHORT ? `(?<![\\p{L}\\p{N}])(?:${either})(?![\\p{L}\\p{N}])` : `(?:${either})`;
  return text.replace(new RegExp(pattern, 'giu'), HIDDEN);
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, (character) => `\\${character}`);
}
