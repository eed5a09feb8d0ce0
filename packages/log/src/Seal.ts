import { crc32 } from "node:zlib"

/*
 * Every event has a checksum of all its columns. The last event of a commit also has a seal: the SHA-256 of the seal
 * before it, the log's id, the first position of the commit, and the checksums of its events. The project has the last
 * seal. So a changed column shows at its event, and a missing, added or moved event at its commit. An append pays one
 * checksum an event and one digest a commit.
 */

/** The contents of an event, by the columns of its row. */
export interface Sealed {
  readonly uuid: string
  readonly kind: string
  readonly name: string | null
  readonly distinct_id: string | null
  readonly source_id: string | null
  readonly client_timestamp: string | null
  readonly sent_at: string | null
  readonly client_offset: number | null
  readonly facts: string | null
  readonly payload: string
}

const prime = 16_777_619

const mixed = (sum: number, code: number): number => Math.imul(sum ^ code, prime)

/** Adds a short text by FNV-1a, with an end mark. An absent text counts as NUL, which no text contains. */
const withText = (sum: number, text: string | null): number => {
  let next = sum
  if (text === null) next = mixed(next, 0)
  else for (let at = 0; at < text.length; at++) next = mixed(next, text.charCodeAt(at))
  return mixed(next, 0x10000)
}

/**
 * The checksum of an event's contents, without position and time, which the database gives. The payload is summed up
 * by CRC-32, outside JavaScript, and the other columns one by one, because joining all of them into one text takes
 * longer than both sums.
 */
export const checksumOf = (row: Sealed): number => {
  let sum = crc32(row.payload)
  sum = withText(sum, row.uuid)
  sum = withText(sum, row.kind)
  sum = withText(sum, row.name)
  sum = withText(sum, row.distinct_id)
  sum = withText(sum, row.source_id)
  sum = withText(sum, row.client_timestamp)
  sum = withText(sum, row.sent_at)
  sum = withText(sum, row.client_offset === null ? null : String(row.client_offset))
  sum = withText(sum, row.facts)
  return sum >>> 0
}

/** The SQL for a time in microseconds; it costs as much as the rest of an event's checksum. */
export const microsecondsOf = (time: string): string =>
  `(date_part('epoch', ${time}) * 1000000)::bigint`

/** The bit that marks a checksum with the whole time mixed in; earlier checksums have 32 bits of the time. */
const whole = 2n ** 62n

const earlier = 2n ** 32n - 1n

/** The SQL for the position and time that are mixed into an event's stored checksum, with the bit `whole`. */
export const placeOf = (position: string, microseconds: string): string =>
  `((${microseconds} # ${position}) & ${whole - 1n} | ${whole})`

/** The SQL for the checksum of an event's contents, out of its stored checksum. */
export const appendedOf = (checksum: string, place: string): string =>
  `(${checksum} # case when ${checksum} & ${whole} = 0 then ${place} & ${earlier} else ${place} end)`

/**
 * The SQL for the first part of a seal, all that is known before the commit; the second part is `array_send` of the
 * commit's checksums. `project` is the project's row, or has its columns.
 */
export const beforeOf = (
  project: string,
  { seal, position }: { readonly seal: string; readonly position: string },
): string =>
  `${seal} || uuid_send(${project}.log_id) || int8send(${project}.unsealed) || int8send(${position})`
