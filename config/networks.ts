import { isIP } from 'node:net';
import { IPv4, IPv6, parse } from 'ipaddr.js';

/** IP addresses that have their first bits in common. */
export interface Network {
  readonly family: 'ipv4' | 'ipv6';
  /** The first of them. */
  readonly address: string;
  /** How many bits they have in common. */
  readonly prefix: number;
}

/** What is wrong with a text that shall name a network. It may hold a secret, so only addresses are repeated. */
export type NetworkProblem =
  /** Completes the sentence "must be …". */
  { readonly expected: string } | { readonly message: string; readonly fix: string };

const EXPECTED = 'an IP address such as 35.159.1.63, or a network such as 10.0.0.0/8 or 2001:db8::/32';

const BITS = { ipv4: 32, ipv6: 128 } as const;

/** What most networks of one family look like, for proposals. */
const USUAL_PREFIX = { ipv4: 24, ipv6: 64 } as const;

/**
 * Reads an IP address, or a network in CIDR notation. An IPv4 address that is mapped into IPv6 is taken for the IPv4
 * address.
 */
export function readNetwork(text: string): Network | NetworkProblem {
  const [written = '', length, ...rest] = text.split('/');
  const plain = plainAddress(written);
  if (plain === undefined || rest.length > 0) return { expected: `${EXPECTED}${hint(text)}` };
  const { family, address } = plain;
  const writtenBits = isIP(written) === 4 ? BITS.ipv4 : BITS.ipv6;
  const skipped = writtenBits - BITS[family];
  const given = length === undefined ? writtenBits : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  const prefix = given - skipped;
  if (!(prefix >= 0 && given <= writtenBits)) {
    return {
      message: `must have a number from ${skipped} to ${writtenBits} behind the /`,
      fix: `Write ${address} for this address alone, or ${networkOf(family, address, USUAL_PREFIX[family])} for its neighbours too.`,
    };
  }
  const network = networkOf(family, address, prefix);
  if (network !== `${address}/${prefix}`) {
    return {
      message: `is an address with the length of a network: ${address}/${prefix}`,
      fix: `Write ${network} for the network, or ${address} for this address alone.`,
    };
  }
  return { family, address, prefix };
}

/**
 * The usual way to write an address, and its family; an IPv4 address that is mapped into IPv6 is the IPv4 address.
 *
 * @returns undefined for anything but an IP address without a zone
 */
export function plainAddress(text: string): Pick<Network, 'family' | 'address'> | undefined {
  if (isIP(text) === 0 || text.includes('%')) return undefined;
  const read = parse(text);
  const address = 'isIPv4MappedAddress' in read && read.isIPv4MappedAddress() ? read.toIPv4Address() : read;
  return { family: address.kind(), address: address.toString() };
}

/** The network of an address, in CIDR notation. */
export function networkOf(family: Network['family'], address: string, prefix: number): string {
  const first = (family === 'ipv4' ? IPv4 : IPv6).networkAddressFromCIDR(`${address}/${prefix}`);
  return `${first.toString()}/${prefix}`;
}

/** As a person would write it. */
export function networkText({ family, address, prefix }: Network): string {
  return prefix === BITS[family] ? address : `${address}/${prefix}`;
}

/** What was probably meant, where that can be told. */
function hint(text: string): string {
  if (/^[\d.]+:\d+$/.test(text)) return ', without a port';
  if (text.includes('%')) return ', without a zone';
  if (/^\[.*\]/.test(text)) return ', without brackets';
  if (/[a-z]/i.test(text)) return text.includes(':') ? '' : '; names are not looked up';
  return /[*-]/.test(text) ? '; a range is written as a network' : '';
}
