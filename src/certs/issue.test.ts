import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleOf, certificatesIn, isSignedBy, namesOf, renewalTime, usableCertificate } from './inspect.ts';
import { type Issued, issueAuthority, issueLeaf, serialOf } from './issue.ts';
import { agentProfile, webhookProfile } from './profile.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const day = 86_400_000;
let authority: Issued;
let other: Issued;

beforeAll(async () => {
  [authority, other] = await Promise.all([issueAuthority(now), issueAuthority(now)]);
});

describe('an issued certificate', () => {
  it('is an authority for a year and signs others', () => {
    const certificate = new X509Certificate(authority.certPem);
    expect(certificate.ca).toBe(true);
    expect(certificate.validToDate.getTime() - now).toBe(365 * day);
    expect(isSignedBy(certificate, authority.certPem)).toBe(true);
  });

  it('is for the names and usages of its profile, for seven days', async () => {
    const { certPem, keyPem } = await issueLeaf(webhookProfile, authority, now);
    const certificate = usableCertificate(certPem, keyPem, now);
    expect(certificate?.ca).toBe(false);
    expect(certificate && namesOf(certificate)).toContain('DNS:transship.transship-system.svc');
    expect(certificate?.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']); // serverAuth and nothing else
    expect((certificate?.validToDate.getTime() ?? 0) - now).toBe(7 * day);
    expect(certificate?.serialNumber).toMatch(/^[0-9A-F]{20,30}$/);
  });

  it('of an agent serves both ends of a connection and names node and address', async () => {
    const { certPem } = await issueLeaf(agentProfile('worker-1', ['10.0.0.1']), authority, now);
    const certificate = new X509Certificate(certPem);
    expect(certificate.subject).toBe('CN=transship-agent:worker-1\nO=transship:agents');
    expect(namesOf(certificate)).toEqual(['DNS:worker-1', 'IP Address:10.0.0.1']);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  });

  it('is known by its signer, also between two authorities of one name', async () => {
    const { certPem } = await issueLeaf(webhookProfile, authority, now);
    const certificate = new X509Certificate(certPem);
    expect(isSignedBy(certificate, other.certPem)).toBe(false);
    expect(isSignedBy(certificate, other.certPem + authority.certPem)).toBe(true);
  });

  it('is unusable with another key, and after its end', async () => {
    const { certPem, keyPem } = await issueLeaf(webhookProfile, authority, now);
    expect(usableCertificate(certPem, other.keyPem, now)).toBeUndefined();
    expect(usableCertificate(certPem, keyPem, now + 8 * day)).toBeUndefined();
    expect(usableCertificate('rubbish', 'rubbish', now)).toBeUndefined();
  });

  it('is renewed when two thirds of its life are over', async () => {
    const { certPem } = await issueLeaf(webhookProfile, authority, now);
    expect((renewalTime(new X509Certificate(certPem)) - now) / day).toBeCloseTo(4.67, 1);
  });
});

describe('a bundle', () => {
  it('keeps each certificate once and in order, and drops what has expired', () => {
    const bundle = bundleOf([authority.certPem, other.certPem, authority.certPem, 'rubbish'], now);
    expect(certificatesIn(bundle).map((c) => c.fingerprint256)).toEqual(
      [authority, other].map((i) => new X509Certificate(i.certPem).fingerprint256),
    );
    expect(bundleOf([bundle], now + 400 * day)).toBe('');
  });
});

it.each([
  ['00000001', '40000001'],
  ['0000007f', '4000007f'],
  ['ff800000', '7f800000'],
  ['80ffffff', '40ffffff'],
])('a serial made of %s is %s: positive, and nobody takes a byte of it for padding', (random, serial) => {
  expect(serialOf(Buffer.from(random, 'hex'))).toBe(serial);
});
