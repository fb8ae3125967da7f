import { describe, expect, it } from '@jest/globals';
import { addressFault, checkSink, sinkPolicy } from './sink.ts';

const NONE = sinkPolicy();

describe('the URL of a sink', () => {
  it.each([
    'https://payroll.example/hooks',
    'https://payroll.example:443/hooks?tenant=7',
    'https://payroll.example:8443/',
    'HTTPS://PAYROLL.EXAMPLE/',
    'https://bücher.example/',
    'https://payroll.example./',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]/',
    `https://payroll.example/${'a'.repeat(2_048 - 24)}`,
  ])('may be %s', (url) => expect(checkSink(url, NONE)).toBeUndefined());

  it.each([
    ['', /not a URL/],
    ['payroll.example', /not a URL/],
    ['//payroll.example/', /not a URL/],
    ['https://', /not a URL/],
    ['https://pay roll.example/', /not a URL/],
    ['https://999.1.1.1/', /not a URL/],
    ['https://[fe80::1%25eth0]/', /not a URL/],
    ['https://xn--a/', /not a URL/],
    ['ftp://payroll.example/', /https:/],
    ['file:///etc/passwd', /https:/],
    ['gopher://127.0.0.1:6379/_FLUSHALL', /https:/],
    ['javascript:alert(1)', /https:/],
    ['data:text/plain,a', /https:/],
    ['ws://payroll.example/', /https:/],
    ['blob:https://payroll.example/1', /https:/],
    ['http://payroll.example/', /https on port 443/],
    ['https://payroll.example:22/', /https on port 443/],
    ['https://payroll.example:80/', /https on port 443/],
    ['https://payroll.example:6379/', /https on port 443/],
    ['http://8.8.8.8/', /https on port 443/],
    ['https://8.8.8.8:9200/', /https on port 443/],
    ['https://user@payroll.example/', /user name/],
    ['https://:secret@payroll.example/', /user name/],
    ['https://payroll.example@127.0.0.1/', /user name/],
    ['https://payroll.example/#a', /fragment/],
    ['https://payroll.example/#', /fragment/],
    [`https://payroll.example/${'a'.repeat(2_048 - 23)}`, /2048 characters/],
  ])('may not be %s', (url, why) => expect(checkSink(url, NONE)).toMatch(why));

  it.each([
    'https://127.0.0.1/',
    'https://127.0.0.1./',
    'https://127.1/',
    'https://127.0.1/',
    'https://127.255.255.254/',
    'https://0/',
    'https://0.0.0.0/',
    'https://2130706433/',
    'https://017700000001/',
    'https://0177.0.0.1/',
    'https://0177.0.0.01/',
    'https://0x7f.1/',
    'https://0x7f000001/',
    'https://0x7f.0x0.0x0.0x1/',
    'https://0X7F.0.0.1/',
    'https://127.0.0.0x1/',
    'https://%31%32%37.0.0.1/',
    'https://127%2e0%2e0%2e1/',
    'https://①②⑦.⓪.⓪.①/',
    'https://127。0。0。1/',
    'https://１２７.０.０.１/',
    'https://1\t27.0.0.1/',
    'https:\\\\127.0.0.1\\',
    'https:127.0.0.1',
    'https:/127.0.0.1/',
    '  https://127.0.0.1/  ',
    'https://@127.0.0.1/',
    'https://127.0.0.1:443/',
    'https://127.0.0.1:8443/',
    'https://127.0.0.1?@payroll.example/',
    'https://10.0.0.1/',
    'https://167772161/',
    'https://012.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://0xc0a80101/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
    'https://0xa9fea9fe/',
    'https://0251.0376.0251.0376/',
    'https://169.254.43518/',
    'https://100.100.100.200/',
    'https://168.63.129.16/',
    'https://192.0.0.192/',
    'https://198.18.0.1/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://4294967295/',
    'https://[::]/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[0000::0001]/',
    'https://[::127.0.0.1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[::FFFF:10.0.0.1]/',
    'https://[0:0:0:0:0:ffff:a9fe:a9fe]/',
    'https://[::ffff:0:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[64:ff9b::169.254.169.254]/',
    'https://[2002:7f00:1::]/',
    'https://[2002:a9fe:a9fe::]/',
    'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
    'https://[2001:db8::1]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[ff02::1]/',
  ])('is seen for the address that it is: %s', (url) =>
    expect(checkSink(url, NONE)).toMatch(/not of the public internet/),
  );

  it('says nothing of the address that it was refused for', () => {
    expect(checkSink('https://0xa9fea9fe/', NONE)).not.toMatch(/169|254|a9fe/);
  });
});

describe('the allow list', () => {
  const policy = sinkPolicy([
    '10.20.0.0/16',
    'fd12:3456::/32',
    'http://payroll.example:8080',
    'https://hr.example:9443/',
  ]);

  it('lets http and any port through to networks of our own', () => {
    for (const url of ['http://10.20.0.1:3000/', 'https://10.20.0.1/', 'http://[fd12:3456::1]/'])
      expect([url, checkSink(url, policy)]).toEqual([url, undefined]);
    for (const url of [
      'http://10.21.0.1:3000/',
      'https://10.21.0.1/',
      'http://127.0.0.1/',
      'http://8.8.8.8/',
    ])
      expect([url, checkSink(url, policy)]).toEqual([url, expect.any(String)]);
  });

  it('lets an origin through, and no other of the same host', () => {
    const own = sinkPolicy(['http://payroll.example:8080', 'https://hr.example:9443/', 'http://a.example']);
    expect(checkSink('http://PAYROLL.example:8080/hooks', own)).toBeUndefined();
    expect(checkSink('https://hr.example:9443/hooks', own)).toBeUndefined();
    for (const url of [
      'http://payroll.example/',
      'https://payroll.example:8080/',
      'http://payroll.example:8081/',
      'http://payroll.example.evil.example:8080/',
      'http://a.example.evil.example/',
    ])
      expect([url, checkSink(url, own)]).toEqual([url, expect.stringMatching(/allow list/)]);
  });

  it('judges a name by all its addresses', () => {
    const judge = (url: string, ...addresses: string[]) => addressFault(new URL(url), addresses, policy);
    expect(judge('https://a.example/', '8.8.8.8', '2606:4700::1111')).toBeUndefined();
    expect(judge('https://a.example/', '8.8.8.8', '10.20.0.1')).toBeUndefined();
    expect(judge('https://a.example/', '8.8.8.8', '10.21.0.1')).toMatch(/public/);
    expect(judge('https://a.example/', '127.0.0.1', '8.8.8.8')).toMatch(/public/);
    expect(judge('https://a.example/', 'a.example')).toMatch(/public/);
    expect(judge('http://a.example:3000/', '10.20.0.1', 'fd12:3456::1')).toBeUndefined();
    expect(judge('http://a.example:3000/', '10.20.0.1', '8.8.8.8')).toMatch(/443/);
    expect(judge('http://payroll.example:8080/', '8.8.8.8')).toBeUndefined();
    expect(judge('http://payroll.example:8080/', '127.0.0.1')).toMatch(/public/);
  });

  it.each([
    'payroll.example',
    'ftp://payroll.example',
    'http://payroll.example/hooks',
    'http://user@payroll.example',
    'http://',
    '10.20.0.0/64',
    '*',
  ])('refuses the entry %j', (entry) => expect(() => sinkPolicy([entry])).toThrow(/write it like/));
});
