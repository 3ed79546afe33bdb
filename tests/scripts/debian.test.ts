import { describe, expect, it } from 'vitest';
import { debianMirrors, isDebianLike, parseSimulation, parseUris } from '../../build-scripts/debian.mjs';

describe('a Debian-like system', () => {
  it('is told by ID or ID_LIKE', () => {
    expect(isDebianLike('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n')).toBe(true);
    expect(isDebianLike('NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n')).toBe(true);
    expect(isDebianLike('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe(true);
    expect(isDebianLike('ID=fedora\nVARIANT_ID=debian\n')).toBe(false);
    expect(isDebianLike('')).toBe(false);
  });
});

describe("the machine's own mirrors", () => {
  it('are read from one-line sources', () => {
    const sources = [
      '# deb http://commented.example/debian bookworm main',
      'deb-src http://source.example/debian bookworm main',
      'deb [arch=amd64 signed-by=/k.gpg] http://one.example/debian/ bookworm main contrib',
      'deb http://one.example/debian bookworm-updates main',
      'deb http://security.debian.org/debian-security bookworm-security main',
      'deb https://packages.example/apt cloud-sdk-bookworm main',
      'deb cdrom:[Debian] bookworm main',
    ].join('\n');
    expect(debianMirrors(sources)).toEqual(['http://one.example/debian']);
  });

  it('are read from deb822 sources, whose stanzas may be switched off', () => {
    const sources = `Types: deb deb-src
# http://old.example/debian
URIs: https://two.example/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: trixie
Components: main

Types: deb
URIs: http://security.debian.org/debian-security
Suites: trixie-security
Components: main
`;
    expect(debianMirrors(sources)).toEqual(['https://two.example/debian']);
  });

  it("are none on Ubuntu, whose archive is not Debian's", () => {
    const sources =
      'Types: deb\nURIs: http://archive.ubuntu.com/ubuntu/\nSuites: noble noble-updates\nComponents: main universe\n';
    expect(debianMirrors(sources)).toEqual([]);
  });
});

describe('what apt prints', () => {
  it('gives file names, sizes and checksums', () => {
    const sum = 'd2ac788b952c56ab6736b4db2ac0825aa63cfb4c08b8abaefe19e324779d1b2d';
    const text = `Reading package lists...\n'http://m/pool/a%2b_1_all.deb' a_1%3a2_all.deb 237338868 SHA256:${sum}\n`;
    expect(parseUris(text)).toEqual([{ file: 'a_1%3a2_all.deb', size: 237338868, sha256: sum }]);
  });

  it('is not believed without a SHA-256', () => {
    expect(parseUris("'http://m/a.deb' a.deb 12 MD5Sum:0123456789abcdef0123456789abcdef\n")).toEqual([]);
    expect(parseUris("'http://m/a.deb' a.deb 12 \n")).toEqual([]);
  });

  it('names what would be installed, less what only a whole system needs', () => {
    const text =
      'Inst libc6 (2.41 Debian:13/stable [amd64])\nInst dpkg (1.22)\nInst cmake:amd64 (3.31)\nConf cmake (3.31)\n';
    expect(parseSimulation(text)).toEqual(['libc6', 'cmake']);
  });
});
