// Which addresses may be connected to: every form in which a private one can hide, and public ones that look like them.

import { describe, expect, test } from 'vitest'
import { addressRefusal, bareHost, describeAddress, hostRefusal, isAddress } from '../../src/http/addresses.ts'

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.1',
  '140.82.121.6',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.1',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2001:4860:4860::8888',
  '2003::1',
  '2a01:4f8::1',
  '3ffe::1',
  // The end of a public address is no IPv4 address in disguise.
  '2a01:4f8::a9fe:a9fe',
  // A network without IPv4 reaches 140.82.121.6 like this.
  '64:ff9b::8c52:7906',
]

const PRIVATE = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.0.1',
  '169.254.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.168.0.1',
  '192.168.255.255',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::FFFF:10.1.2.3',
  '0:0:0:0:0:ffff:c0a8:1',
  '::ffff:8.8.8.8',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::10.0.0.1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:0:7f00:1::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:c0a8:1::1',
  '3fff::1',
  '4000::1',
  'fc00::1',
  'fd12:3456:789a::1',
  'fe80::1',
  'fe80::1%eth0',
  'febf::1',
  'fec0::1',
  'ff02::1',
]

const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'FD00:EC2:0:0:0:0:0:254',
  'fd20:ce::254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::a9fe:a9fe',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::169.254.169.254',
  '2002:a9fe:a9fe::1',
  '2001:0:a9fe:a9fe::',
  // Teredo with the client's address turned round.
  '2001:0:102:304:0:0:5601:5601',
]

const NONSENSE = [
  '',
  '1.2.3',
  '1.2.3.4.5',
  '256.1.1.1',
  '01.2.3.4',
  '1.2.3.x',
  ':::',
  '1:2:3',
  '1::2::3',
  '12345::',
  'g::1',
  '1:2:3:4:5:6:7:8:9',
  '::1.2.3',
]

describe('addresses', () => {
  test('the table is long enough to mean something', () => {
    expect(PUBLIC.length + PRIVATE.length + METADATA.length).toBeGreaterThan(60)
  })

  test.each(PUBLIC)('%s is public', (address) => {
    expect(describeAddress(address).kind).toBe('public')
    expect(addressRefusal(address, false)).toBeUndefined()
  })

  test.each(PRIVATE)('%s is private', (address) => {
    expect(describeAddress(address).kind).toBe('private')
    expect(addressRefusal(address, false)).toMatch(/\w/)
    expect(addressRefusal(address, true)).toBeUndefined()
  })

  test.each(METADATA)('%s is never allowed', (address) => {
    expect(describeAddress(address).kind).toBe('metadata')
    expect(addressRefusal(address, false)).toContain('metadata')
    expect(addressRefusal(address, true)).toContain('metadata')
  })

  test.each(NONSENSE)('"%s" is no address, and refused as one', (address) => {
    expect(isAddress(address)).toBe(false)
    expect(addressRefusal(address, false)).toBe('no address')
  })
})

test('the reason is told in words', () => {
  const words = ['127.0.0.1', '10.0.0.1', 'fe80::1', 'fc00::1', '::ffff:8.8.8.8', '4000::1'].map((a) =>
    addressRefusal(a, false),
  )
  expect(words).toEqual([
    'this machine',
    'a private network',
    'link-local',
    'a private network',
    'an IPv4 address in disguise',
    'not a public address',
  ])
})

describe('hosts of URLs', () => {
  // What somebody may write, as the URL parser gives it to us.
  test.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.0.0.1/',
    'http://017700000001/',
    'http://127.0.0.1./',
    'http://１２７.0.0.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[0:0:0:0:0:ffff:7f00:1]/',
    'http://[64:ff9b::10.0.0.1]/',
    'http://[2002:7f00:1::]/',
    'http://localhost/',
    'http://LOCALHOST/',
    'http://localhost./',
    'http://api.localhost/',
    'http://api.localhost../',
    'http://192.168.1.1:8080/',
    'http://169.254.169.254/latest/meta-data/',
  ])('%s is refused', (url) => {
    expect(hostRefusal(new URL(url).hostname, false)).toMatch(/\w/)
  })

  test.each(['https://api.github.com/', 'http://8.8.8.8/', 'http://[2606:4700::1]/', 'https://localhost.example.com/'])(
    '%s is not refused by its looks',
    (url) => {
      expect(hostRefusal(new URL(url).hostname, false)).toBeUndefined()
    },
  )

  test('with the private network allowed, this machine is, and metadata is not', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]', '192.168.1.1'])
      expect(hostRefusal(host, true)).toBeUndefined()
    for (const host of ['169.254.169.254', '[fd00:ec2::254]', '[::ffff:a9fe:a9fe]']) {
      expect(hostRefusal(host, true)).toContain('metadata')
    }
  })

  test('bare hosts', () => {
    expect(bareHost('[::1]')).toBe('::1')
    expect(bareHost('Example.COM.')).toBe('example.com')
  })
})
