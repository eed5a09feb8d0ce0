import { type PgProtocol, PgTypes } from "@effect/sql-pg"
import { Result } from "effect"

/** The zero of Postgres' microseconds, 2000-01-01, in epoch milliseconds. */
const pgEpoch = 946_684_800_000

const word = 4_294_967_296

const refused = (message: string) => Result.fail(new PgTypes.CodecError({ message }))

const highAt = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 24) |
  ((bytes[at + 1] ?? 0) << 16) |
  ((bytes[at + 2] ?? 0) << 8) |
  (bytes[at + 3] ?? 0)

const lowAt = (bytes: Uint8Array, at: number): number => highAt(bytes, at + 4) >>> 0

const writeInteger = (sink: PgProtocol.ValueSink, value: number): void => {
  const high = Math.floor(value / word)
  sink.int32(high)
  sink.int32(value - high * word)
}

const bytesOf = (value: bigint): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, value)
  return bytes
}

const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value

const readInteger = (bytes: Uint8Array, at: number, size: number) => {
  const value = highAt(bytes, at) * word + lowAt(bytes, at)
  return size === 8 && Number.isSafeInteger(value)
    ? Result.succeed(value)
    : refused("A 64-bit integer of the database is no safe integer here.")
}

/** Reads 64-bit integers as numbers and not as bigints, because our positions and epochs are far below 2^53. */
const integer: PgTypes.Codec<number | bigint> = {
  encode: (value) => {
    if (typeof value === "number" && !Number.isSafeInteger(value)) return unsafe(value)
    const big = BigInt(value)
    return isInt64(big) ? Result.succeed(bytesOf(big)) : unsafe(value)
  },
  decode: (bytes) => readInteger(bytes, 0, bytes.length),
  read: readInteger,
  write: (sink, value) => {
    if (typeof value === "number") {
      if (!Number.isSafeInteger(value)) return unsafe(value)
      writeInteger(sink, value)
    } else {
      if (!isInt64(value)) return unsafe(value)
      sink.bigInt64(value)
    }
    return Result.void
  },
}

const unsafe = (value: number | bigint) => refused(`${value} is no safe integer.`)

/**
 * Reads a time in whole milliseconds. 2^32 microseconds are 4,294,967 milliseconds and 296 microseconds; summing up
 * both parts by themselves keeps even the remotest time exact.
 */
const readTime = (bytes: Uint8Array, at: number, size: number) => {
  const high = highAt(bytes, at)
  const low = lowAt(bytes, at)
  const isInfinite =
    (high === 0x7fffffff && low === word - 1) || (high === -0x80000000 && low === 0)
  if (size !== 8 || isInfinite) return refused("A time of the database is infinite.")
  return Result.succeed(pgEpoch + high * 4_294_967 + Math.floor((high * 296 + low) / 1000))
}

const microsecondsOf = (time: number | Date): number => Math.trunc((Number(time) - pgEpoch) * 1000)

const bigMicrosecondsOf = (time: number | Date): bigint | undefined => {
  const milliseconds = Math.trunc(Number(time))
  if (!Number.isFinite(milliseconds)) return undefined
  const big = BigInt(milliseconds - pgEpoch) * 1000n
  return isInt64(big) ? big : undefined
}

/** Reads a `timestamptz` as epoch milliseconds and not as an object. */
const time: PgTypes.Codec<number | Date> = {
  encode: (value) => {
    const micros = microsecondsOf(value)
    const big = Number.isSafeInteger(micros) ? BigInt(micros) : bigMicrosecondsOf(value)
    return big === undefined ? noTime(value) : Result.succeed(bytesOf(big))
  },
  decode: (bytes) => readTime(bytes, 0, bytes.length),
  read: readTime,
  write: (sink, value) => {
    const micros = microsecondsOf(value)
    if (Number.isSafeInteger(micros)) writeInteger(sink, micros)
    else {
      const big = bigMicrosecondsOf(value)
      if (big === undefined) return noTime(value)
      sink.bigInt64(big)
    }
    return Result.void
  },
}

const noTime = (value: number | Date) => refused(`${Number(value)} is no time of the database.`)

/** How values cross the wire: 64-bit integers are numbers and times are epoch milliseconds, also in arrays. */
export const types: PgTypes.Registry = PgTypes.makeRegistry()
types.register(PgTypes.OID.int8, integer, { arrayOid: PgTypes.OID.int8Array })
types.register(PgTypes.OID.timestamptz, time, { arrayOid: PgTypes.OID.timestamptzArray })
