import { BlockList, isIP, isIPv6 } from 'node:net';

const BITS = { ipv4: 32, ipv6: 128 };

/** Networks, each `address/bits`, or an address alone. Throws on a spelling that is none. */
export class Networks {
  // Apart: an IPv4 address is also looked up among the networks of IPv6 of its list, as a mapped one.
  readonly #ipv4 = new BlockList();
  readonly #ipv6 = new BlockList();

  constructor(readonly spellings: readonly string[]) {
    for (const spelling of spellings) this.#add(spelling);
  }

  has(address: string): boolean {
    return isIPv6(address) ? this.#ipv6.check(address, 'ipv6') : this.#ipv4.check(address, 'ipv4');
  }

  #add(spelling: string): void {
    const [, address = '', bits] = /^([^/%]+?)(?:\/(\d{1,3}))?$/.exec(spelling) ?? [];
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    const size = Number(bits ?? BITS[family]);
    if (isIP(address) === 0 || size > BITS[family])
      throw new Error(`${spelling} is not a network; write it like 10.20.0.0/16 or fd12:3456::/32`);
    (family === 'ipv6' ? this.#ipv6 : this.#ipv4).addSubnet(address, size, family);
  }
}

/**
 * What is not of the public internet, by the registries of IANA (special-purpose addresses). Of IPv6 only 2000::/3 is
 * given out; outside of it are the loopback, the private (fc00::/7) and local (fe80::/10, fec0::/10) networks,
 * multicast, and what carries an address of IPv4 in it: ::/96, ::ffff:0:0/96 and NAT64 (64:ff9b::/96, 64:ff9b:1::/48).
 */
const NOT_PUBLIC = new Networks([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // The host of a virtual machine in Azure: public by its number only.
  '168.63.129.16',
  '::/3',
  '4000::/2',
  '8000::/1',
  // Teredo and others of the IETF, documentation, 6to4, documentation.
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
]);

/** Whether an address is one of the public internet. What is no address is not; nor is one with a zone. */
export const isPublic = (address: string): boolean =>
  isIP(address) !== 0 && !address.includes('%') && !NOT_PUBLIC.has(address);
