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

/** No text has NUL, and an absent one is told from an empty one. */
const field = (text: string | null): string => (text === null ? "-\0" : `+${text}\0`)

/** The checksum of an event's contents; where it lies and when it was recorded, the log alone knows. */
export const checksumOf = (row: Sealed): number => {
  const offset = row.client_offset === null ? null : String(row.client_offset)
  const narrow =
    field(row.uuid) +
    field(row.kind) +
    field(row.name) +
    field(row.distinct_id) +
    field(row.source_id) +
    field(row.client_timestamp) +
    field(row.sent_at) +
    field(offset) +
    field(row.facts)
  return crc32(row.payload, crc32(narrow))
}

/** An expression for 32 bits of an event's place and time, which its stored checksum has mixed in. */
export const placeOf = (position: string, recordedAt: string): string =>
  `(((date_part('epoch', ${recordedAt}) * 1000000)::bigint # ${position}) & 4294967295)`

/** An expression for the seal of a commit: `project` is the row of the project, or has its columns. */
export const sealOf = (
  project: string,
  before: { readonly seal: string; readonly position: string },
  checksums: string,
): string =>
  `sha256(${before.seal} || uuid_send(${project}.log_id) || int8send(${project}.unsealed)
    || int8send(${before.position}) || array_send(${checksums}))`
