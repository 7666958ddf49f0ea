/**
 * Identifies the user, or proves them further, by the client certificate that a trusted proxy saw
 * in the TLS handshake. The header is ignored unless a trusted proxy sent the request.
 */
import { z } from 'zod';
import type { Subject } from '../../core/people/subject.ts';
import { rejectedProof } from '../../core/proof/password-proof.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { fingerprintOf, namedIn } from '../../certificates/attributes.ts';
import { certificateIn } from '../../certificates/field.ts';
import { type Flaw, genuineOf } from '../../certificates/genuine.ts';
import { shownCertificate } from '../../core/credential/certificate.ts';
import { belongsTo } from './owner.ts';
import { authoritiesOf, claimsOf, config, isFindable, type Options } from './options.ts';
import { texts } from './texts.ts';

type Context = StageContext<Options, 'directories'>;

/** See README.md beside this file. */
export const mtls = defineStage({
  type: 'mtls',
  config,
  submission: { shape: z.strictObject({}), asks: () => 'sometimes' },
  uses: ['directories'],
  claims: claimsOf,
  assures: { secondFactor: (options) => options.not_given !== 'skip' },
  texts,
  open: (ctx) => Promise.resolve(without(ctx) ?? ask(ctx)),
  async submit(ctx): Promise<Step> {
    const early = without(ctx);
    if (early !== null) return early;
    const inspected = await inspect(ctx, givenTo(ctx) ?? '');
    const { flaw, subject } = inspected;
    const proof = await ctx.prove('mtls', subject, () =>
      Promise.resolve(flaw === null ? 'right' : 'wrong'),
    );
    if (proof.result === 'right') {
      return ctx.subject === null
        ? { kind: 'pass', identified: subject, proved: 'mtls' }
        : { kind: 'pass', proved: 'mtls' };
    }
    const rejection = rejectedProof('mtls', proof, {
      ...WORDS,
      wrong: { key: `mtls.${flaw ?? 'wrong'}` },
    });
    const isFlawed = proof.result === 'wrong' && flaw !== null;
    return { ...ask(ctx), ...rejection, ...(isFlawed ? { reason: { code: `mtls/${flaw}` } } : {}) };
  },
});

const WORDS = { busy: { key: 'mtls.busy' }, throttled: { key: 'mtls.throttled' } };

/** The linker prevents this. If it happens anyway, access is denied. */
const NO_USER: Step = {
  kind: 'stop',
  reason: { code: 'user/none' },
  text: { key: 'mtls.nobody' },
};
const NONE: Step = {
  kind: 'stop',
  reason: { code: 'mtls/none' },
  text: { key: 'mtls.none' },
};

/**
 * Returns the header set by the trusted proxy, or null if it is missing, repeated or sent by any
 * other peer.
 */
function givenTo({ facts, config: { header } }: Context): string | null {
  return shownCertificate(facts, header);
}

/** Returns the outcome if there is no certificate to check, otherwise null. */
function without(ctx: Context): Step | null {
  const { equals, not_given: notGiven } = ctx.config;
  const mayIdentify = notGiven === 'deny' && isFindable(equals);
  if (ctx.subject === null && !mayIdentify) return NO_USER;
  if (givenTo(ctx) !== null) return null;
  return notGiven === 'skip' ? { kind: 'pass' } : NONE;
}

interface Presented {
  readonly subject: Subject;
  readonly flaw: Flaw | 'garbled' | 'wrong' | null;
}

/**
 * Identifies the owner. Failures of an unknown certificate count against that certificate only, so
 * they cannot lock out a user.
 */
async function inspect(ctx: Context, value: string): Promise<Presented> {
  const certificate = certificateIn(value);
  if (certificate === null) return { subject: unknownUser('none'), flaw: 'garbled' };
  const stranger = unknownUser(fingerprintOf(certificate));
  const genuine = genuineOf(certificate, authoritiesOf(ctx.config), ctx.now);
  if (typeof genuine === 'string') return { subject: stranger, flaw: genuine };
  const named = namedIn(certificate, ctx.config.attribute);
  if (named === null) return { subject: stranger, flaw: 'wrong' };
  const { equals } = ctx.config;
  const found =
    ctx.subject === null
      ? isFindable(equals)
        ? await ctx.ports.directories.find(named, [equals])
        : null
      : ctx.user;
  const isTheirs = found !== null && belongsTo(named, found, ctx.config);
  if (!isTheirs || (ctx.subject !== null && ctx.subject.userId !== found.id)) {
    return { subject: stranger, flaw: 'wrong' };
  }
  return { subject: ctx.subject ?? { login: found.name, userId: found.id }, flaw: null };
}

function unknownUser(fingerprint: string): Subject {
  return { login: `certificate ${fingerprint}`, userId: null };
}

function ask({ subject }: Context): { readonly kind: 'ask'; readonly challenge: Challenge } {
  return {
    kind: 'ask',
    challenge: {
      type: 'mtls',
      title: { key: 'mtls.title' },
      lead: { key: 'mtls.lead' },
      fields: [],
      submit: { key: 'mtls.submit' },
      ...(subject === null ? {} : { restart: { key: 'mtls.restart' } }),
    },
  };
}
