import { createHash } from "node:crypto"
import * as Model from "../src/model/Model.ts"

/** The model's answer to lines, under each preset. */
export const page = (...lines: ReadonlyArray<Model.Line>) => Model.answer("page", lines)
export const posthog = (...lines: ReadonlyArray<Model.Line>) => Model.answer("posthog", lines)

/** A time `n` seconds after noon. */
export const second = (n: number): string => new Date(Date.UTC(2022, 9, 25, 12, 0, n)).toISOString()

export const event = (name: string, distinct_id: string, properties: object = {}) => ({
  event: name,
  distinct_id,
  properties,
})

/** A line that arrives `n` seconds after noon. */
export const at = (n: number, line: Model.Line): Model.Line => ({ ...line, received_at: second(n) })

export const seen = (distinct_id: string, $set: object = {}) => event("seen", distinct_id, { $set })

export const identify = (distinct_id: string, $anon_distinct_id: unknown, more: object = {}) =>
  event("$identify", distinct_id, { $anon_distinct_id, ...more })

export const policy = (fields: object) => ({ policy: fields })

export const noBuffer = policy({ buffer_enabled: false })

export const api = (name: string, distinct_id: string, more: object = {}) => ({
  api: `persons.${name}`,
  distinct_id,
  ...more,
})

export const idsOf = ({ persons }: Model.Answer) => persons.map((person) => person.distinct_ids)

export const propertiesOf = ({ persons }: Model.Answer) =>
  Object.fromEntries(persons.map((person) => [person.distinct_ids.join("+"), person.properties]))

export const versionsOf = ({ persons }: Model.Answer) =>
  Object.fromEntries(persons.map((person) => [person.distinct_ids.join("+"), person.version]))

export const warningsOf = ({ warnings }: Model.Answer) =>
  warnings.map(({ type, line }) => [type, line])

export const statusesOf = ({ events }: Model.Answer) => events.map(({ status }) => status)

/** UUIDv5 of a name in the namespace of P18, by another way than the model's. */
export const uuid5 = (name: string): string => {
  const space = Buffer.from("932979b4-65c3-4424-8467-0b66ec27bc22".replaceAll("-", ""), "hex")
  const hex = createHash("sha1").update(space).update(name).digest("hex")
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`]
  return [...parts, `${variant}${hex.slice(18, 20)}`, hex.slice(20, 32)].join("-")
}
