import { type DestinationStream, pino } from 'pino';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Messages are constants, in the past tense, and name the kind of thing; all
 * that varies is a field. So one message can be counted, and searched for.
 */
export interface Log {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
  child(fields: Fields): Log;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogOptions {
  readonly role: string;
  readonly level: LogLevel;
  readonly destination?: DestinationStream;
}

/** JSON lines on standard output, one a message; `error` fields keep their stack and cause. */
export const createLog = ({ role, level, destination }: LogOptions): Log =>
  pino(
    {
      level,
      base: { role },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.errWithCause },
    },
    destination ?? pino.destination({ dest: 1, sync: true }),
  );

const nothing = (): void => undefined;

/** For tests. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silentLog };
