/** Browsers that have signed somebody in. Their cookies are never here, only one-way names of them. */
import { type Accounts, DEVICE_KNOWN_FOR, type KnownDevice } from '../core/people/account.ts';
import type { Database } from './database.ts';
import { checkDevice, isOneWayName, MOST_DEVICES } from './limits.ts';

type Row = {
  user_id: string;
  device: string;
  agent: string;
  first_at: number;
  last_at: number;
  factor_at: number | null;
};

const COLUMNS = 'user_id, device, agent, first_at, last_at, factor_at';

/** Forgotten ones removed at a time, whoever's they are. */
const PIECE = 100;

/** The part of the store that knows devices. */
export type Devices = Pick<
  Accounts,
  'isKnownDevice' | 'devices' | 'rememberDevice' | 'forgetDevices'
>;

/** The devices of one file. */
export function devicesTable(db: Database): Devices {
  const known = db.prepare(
    'SELECT 1 FROM devices WHERE user_id = ? AND device = ? AND last_at > ?',
  );
  const list = db.prepare(
    `SELECT ${COLUMNS} FROM devices
     WHERE user_id = ? AND last_at > ? ORDER BY last_at DESC, device`,
  );
  const put = db.prepare(
    `INSERT INTO devices (${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
     ON CONFLICT DO UPDATE SET agent = ?3, last_at = max(last_at, ?4),
       factor_at = coalesce(max(factor_at, ?5), ?5, factor_at)`,
  );
  const trim = db.prepare(
    `DELETE FROM devices WHERE user_id = ?1 AND device IN (
       SELECT device FROM devices WHERE user_id = ?1
       ORDER BY device = ?2 DESC, last_at DESC LIMIT -1 OFFSET ${MOST_DEVICES})`,
  );
  const sweep = db.prepare(
    `DELETE FROM devices WHERE (user_id, device) IN (
       SELECT user_id, device FROM devices WHERE last_at <= ? LIMIT ${PIECE})`,
  );
  const forget = db.prepare('DELETE FROM devices WHERE user_id = ?');
  return {
    async isKnownDevice(userId, device, now) {
      if (!isOneWayName(device)) return false;
      return db.read(() => known.get(userId, device, now - DEVICE_KNOWN_FOR) !== undefined);
    },
    async devices(userId, now) {
      const rows = db.read(() => list.all(userId, now - DEVICE_KNOWN_FOR)) as Row[];
      return rows.map(deviceOf);
    },
    async rememberDevice(userId, device, agent, now, factorAt) {
      const cut = checkDevice(userId, device, agent);
      await db.write(() => {
        sweep.run(now - DEVICE_KNOWN_FOR);
        put.run(userId, device, cut, now, factorAt);
        trim.run(userId, device);
      });
    },
    forgetDevices: (userId) => db.write(() => Number(forget.run(userId).changes)),
  };
}

function deviceOf(row: Row): KnownDevice {
  return {
    userId: row.user_id,
    device: row.device,
    agent: row.agent,
    firstAt: row.first_at,
    lastAt: row.last_at,
    factorAt: row.factor_at,
  };
}
