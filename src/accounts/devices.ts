/** Browsers in which users have signed in. Holds one-way names of their cookies, never the cookies. */
import { type Accounts, DEVICE_KNOWN_FOR, type KnownDevice } from '../core/people/account.ts';
import type { Database } from '../database/database.ts';
import { integer, integerOrNull, text } from '../database/rows.ts';
import { command, exists, query, type Row } from '../database/sql.ts';
import { checkDevice, isOneWayName, MOST_DEVICES } from './limits.ts';

/** Expired devices removed with each new one, of any user. */
const PIECE = 100;

/** The part of the store that knows devices. */
export type Devices = Pick<
  Accounts,
  'isKnownDevice' | 'devices' | 'rememberDevice' | 'forgetDevices'
>;

const COLUMNS = 'user_id, device, agent, first_at, last_at, factor_at';

const IS_KNOWN = exists('SELECT 1 FROM devices WHERE user_id = ? AND device = ? AND last_at > ?');
const LIST = query(
  `SELECT ${COLUMNS} FROM devices
   WHERE user_id = ? AND last_at > ? ORDER BY last_at DESC, device`,
  deviceOf,
);
const PUT = command(
  `INSERT INTO devices (${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
   ON CONFLICT (user_id, device) DO UPDATE SET agent = ?3,
     last_at = CASE WHEN devices.last_at > ?4 THEN devices.last_at ELSE ?4 END,
     factor_at = CASE WHEN ?5 IS NULL OR devices.factor_at > ?5 THEN devices.factor_at ELSE ?5 END`,
);
const TRIM = command(
  `DELETE FROM devices WHERE user_id = ?1 AND device NOT IN (
     SELECT device FROM devices WHERE user_id = ?1
     ORDER BY device = ?2 DESC, last_at DESC LIMIT ${MOST_DEVICES})`,
);
const SWEEP = command(
  `DELETE FROM devices WHERE (user_id, device) IN (
     SELECT user_id, device FROM devices WHERE last_at <= ? LIMIT ${PIECE})`,
);
const FORGET = command('DELETE FROM devices WHERE user_id = ?');

/** The devices of one database. */
export function devicesTable(db: Database): Devices {
  return {
    async isKnownDevice(userId, device, now) {
      if (!isOneWayName(device)) return false;
      return db.read(() => IS_KNOWN(userId, device, now - DEVICE_KNOWN_FOR));
    },
    devices: (userId, now) => db.read(() => LIST.all(userId, now - DEVICE_KNOWN_FOR)),
    async rememberDevice(userId, { device, agent, now, factorAt }) {
      const cut = checkDevice(userId, device, agent);
      await db.write(function* () {
        yield* SWEEP(now - DEVICE_KNOWN_FOR);
        yield* PUT(userId, device, cut, now, factorAt);
        yield* TRIM(userId, device);
      });
    },
    forgetDevices: (userId) => db.write(() => FORGET(userId)),
  };
}

function deviceOf(row: Row): KnownDevice {
  return {
    userId: text(row, 'user_id'),
    device: text(row, 'device'),
    agent: text(row, 'agent'),
    firstAt: integer(row, 'first_at'),
    lastAt: integer(row, 'last_at'),
    factorAt: integerOrNull(row, 'factor_at'),
  };
}
