import { crc32 } from "node:zlib"

/*
 * An event has a checksum of all its columns; the last event of a commit has a seal, the SHA-256 of the seal before
 * it, of what the log is called, of where the commit begins, and of the checksums of its events. The project has the
 * last one. So a changed column shows at its event, and an event that is gone, added or moved at its commit, which
 * costs an append one checksum an event and one digest a commit.
 */

/** The contents of an event as its row has them. */
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

/** Adds a short text by FNV-1a: one that is absent counts as NUL, which no text has, and each ends. */
const withText = (sum: number, text: string | null): number => {
  let next = sum
  if (text === null) next = mixed(next, 0)
  else for (let at = 0; at < text.length; at++) next = mixed(next, text.charCodeAt(at))
  return mixed(next, 0x10000)
}

/**
 * The checksum of an event's contents; where it lies and when it was recorded, the log alone knows. The payload is
 * summed up by CRC-32, outside JavaScript; one text of all columns would have to be put together first, which
 * takes longer than both sums.
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

/** An expression for a time in microseconds: it costs as much as the rest of an event's seal. */
export const microsecondsOf = (time: string): string =>
  `(date_part('epoch', ${time}) * 1000000)::bigint`

/** Tells a checksum that has the whole time mixed in from an earlier one, which has 32 bits of it. */
const whole = 2n ** 62n

const earlier = 2n ** 32n - 1n

/** An expression for an event's place and time, which its stored checksum has mixed in, and a mark of that. */
export const placeOf = (position: string, microseconds: string): string =>
  `((${microseconds} # ${position}) & ${whole - 1n} | ${whole})`

/** An expression for the checksum of an event's contents as it was appended, given its stored one. */
export const appendedOf = (checksum: string, place: string): string =>
  `(${checksum} # case when ${checksum} & ${whole} = 0 then ${place} & ${earlier} else ${place} end)`

/**
 * An expression for what the seal of a commit has from before it: the digest is of that and of `array_send` of the
 * commit's checksums. `project` is the row of the project, or has its columns.
 */
export const beforeOf = (
  project: string,
  { seal, position }: { readonly seal: string; readonly position: string },
): string =>
  `${seal} || uuid_send(${project}.log_id) || int8send(${project}.unsealed) || int8send(${position})`
