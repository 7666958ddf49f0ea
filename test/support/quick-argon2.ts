/**
 * Argon2 at a hundredth of its cost, for gateways whose tests do not concern hashing. A hash states
 * the requested cost, so the product treats it as one of its own; its salt begins with a mark.
 * Hashes without the mark are verified at full cost.
 */
import { randomBytes } from 'node:crypto';
import { hash as fullHash, verify as fullVerify, type Options } from '@node-rs/argon2';

const MARK = 'quick-';
const MARKED = `$${Buffer.from(MARK).toString('base64')}`;
const COST = { memoryCost: 1024, timeCost: 1 };
const costs = ({ memoryCost, timeCost }: Options): string => `$m=${memoryCost},t=${timeCost},`;

export const hash: typeof fullHash = async (password, options) => {
  const salt = Buffer.concat([Buffer.from(MARK), randomBytes(10)]);
  const made = await fullHash(password, { ...options, ...COST, salt });
  return made.replace(costs(COST), costs(options ?? {}));
};

export const verify: typeof fullVerify = (hashed, password) => {
  const text = hashed.toString();
  const isQuick = text.includes(MARKED);
  return fullVerify(isQuick ? text.replace(/\$m=\d+,t=\d+,/, costs(COST)) : text, password);
};
