import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../config';

/** Reads the values of options; what is wrong is told in commander's way. */

const MAX_PORT = 65_535;
const MAX_COUNT = 1_000_000;

export function parsePort(text: string): number {
  return wholeNumber(text, MAX_PORT, 'a port number from 0 to 65535');
}

export function parseCount(text: string): number {
  return wholeNumber(text, MAX_COUNT, 'a whole number up to 1000000');
}

/** Calls a second; may be a fraction. */
export function parseRate(text: string): number {
  const rate = Number(text);
  if (text.trim() !== '' && rate >= 0 && Number.isFinite(rate)) return rate;
  throw new InvalidArgumentError('It must be a number of calls a second, 0 = unlimited.');
}

/** `26 hours`. @returns ms */
export function parseAge(text: string): number {
  const age = parseDuration(text);
  if (age !== undefined) return age;
  throw new InvalidArgumentError('It must be a duration, for example "26 hours".');
}

/** `03:00` */
export function parseTimeOfDay(text: string): { readonly hour: number; readonly minute: number } {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined) {
    throw new InvalidArgumentError('It must be a time of day, for example 03:00.');
  }
  return { hour: Number(hour), minute: Number(minute) };
}

/** Collects origins, as a browser sends them: no path, and no slash at the end. */
export function collectOrigin(text: string, before: readonly string[] = []): string[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOrigin = url && ['http:', 'https:'].includes(url.protocol) && url.href === `${url.origin}/`;
  if (!isOrigin) {
    throw new InvalidArgumentError('It must be an origin, for example https://temporal.example.com.');
  }
  return [...before, url.origin];
}

export interface AttributeOption {
  readonly name: string;
  /** As the simulator takes it, for example `category:daily,weekly`. */
  readonly type: string;
}

/** Collects `NAME=TYPE`. */
export function collectAttribute(text: string, before: readonly AttributeOption[] = []): AttributeOption[] {
  const [, name, type] = /^([A-Za-z0-9_]+)=(.+)$/s.exec(text) ?? [];
  if (name === undefined || type === undefined) {
    throw new InvalidArgumentError('It must be NAME=TYPE, for example OPT_PUSH=boolean.');
  }
  return [...before, { name: name.toUpperCase(), type }];
}

function wholeNumber(text: string, max: number, what: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= max) return value;
  throw new InvalidArgumentError(`It must be ${what}.`);
}
