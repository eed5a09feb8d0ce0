/**
 * Random bodies as anybody may send them to a door: texts, not values, because numbers, keys and characters
 * that a value cannot hold are what goes wrong. The same seed always gives the same bodies.
 */

import * as RandomEvents from "../chance/RandomEvents.ts"

type Random = RandomEvents.Random

const digits = (next: Random, length: number): string =>
  Array.from({ length }, () => RandomEvents.below(next, 10)).join("")

const NUMBERS = [
  ["9007199254740993", "9007199254740992", "-9007199254740993", "1e400", "-1e400", "1e-400"],
  ["0", "-0", "1", "1.0", "1E2", "1e21", "100000000000000000000000", "0.10000000000000000555"],
  ["5e-324", "4.9406564584e-324", "1.7976931348623157e308", "0.1", "1666699200000"],
].flat()

const number = (next: Random): string =>
  next() < 0.8
    ? RandomEvents.pick(next, NUMBERS)
    : `1${digits(next, 15 + RandomEvents.below(next, 9))}`

/** As they stand in JSON: escapes, NUL, halves of characters, and characters that are composed in two ways. */
const ODD_TEXTS = [
  [
    String.raw`\u0000`,
    String.raw`\ud800`,
    String.raw`a\udc00b`,
    String.raw`\ud83d\ude00`,
    "\u{1f600}",
  ],
  [
    "\ufffd",
    String.raw`\u0061nn`,
    "e\u0301",
    "\u00e9",
    " ",
    "\u00a0",
    "null",
    "0",
    "undefined",
    "[object Object]",
  ],
  [
    "__proto__",
    "constructor",
    "toString",
    "toJSON",
    "rawJSON",
    "9007199254740993",
    "1e400",
    String.raw`\\ud800`,
  ],
  [
    "x".repeat(199),
    "x".repeat(200),
    "x".repeat(201),
    "x".repeat(401),
    "\u{1f600}".repeat(201),
    "y".repeat(2001),
  ],
  [
    "2022-10-25T12:00:00Z",
    "2099-01-01",
    "-0001-01-01",
    "1666699200000",
    "1666699200",
    String.raw`a\"b\\c`,
  ],
].flat()

const PLAIN_IDS = ["ann", "bob", "dev-1", "dev-2", "dev-3"]

const quoted = (text: string): string => `"${text}"`

const text = (next: Random): string => quoted(RandomEvents.pick(next, ODD_TEXTS))

const NAMES = ["$identify", "$create_alias", "$merge_dangerously", "$set", "$pageview", "seen"]

const UUID = "01840000-0000-7000-8000-00000000000"

const uuid = (next: Random): string => {
  const hyphened = `${UUID}${RandomEvents.below(next, 4)}`
  const bare = hyphened.replaceAll("-", "")
  return RandomEvents.pick(next, [
    hyphened,
    hyphened.toUpperCase(),
    bare,
    `{${hyphened}}`,
    `urn:uuid:${hyphened}`,
    `${bare}0`,
    "",
  ])
}

const KEYS = [
  "a",
  "b",
  "__proto__",
  "toJSON",
  "rawJSON",
  String.raw`\u0000`,
  String.raw`\ud800`,
  "utm_source",
]

const nested = (next: Random): string => {
  const depth = RandomEvents.pick(next, [3, 60, 120, 126, 127, 128, 200])
  return "[".repeat(depth) + value(next, 0) + "]".repeat(depth)
}

const members = (next: Random, depth: number): ReadonlyArray<string> =>
  Array.from(
    { length: RandomEvents.below(next, 4) },
    // Keys are few, so that some come twice.
    () => `${quoted(RandomEvents.pick(next, KEYS))}:${value(next, depth - 1)}`,
  )

/** Any JSON at all. */
const value = (next: Random, depth = 2): string => {
  const kind = RandomEvents.below(next, depth === 0 ? 5 : 8)
  if (kind === 0) return RandomEvents.pick(next, ["null", "true", "false", '""', "[]", "{}"])
  if (kind < 3) return number(next)
  if (kind < 5) return text(next)
  if (kind === 5) return next() < 0.1 ? nested(next) : "[" + value(next, depth - 1) + "]"
  return `{${members(next, depth).join(",")}}`
}

const id = (next: Random): string => {
  const chance = next()
  if (chance < 0.6) return quoted(RandomEvents.pick(next, PLAIN_IDS))
  if (chance < 0.75) return number(next)
  return chance < 0.9 ? text(next) : value(next)
}

/** Each field with its chance, and what stands in it. */
type Fields = ReadonlyArray<readonly [key: string, chance: number, make: (next: Random) => string]>

const object = (next: Random, fields: Fields): string => {
  const given = fields.flatMap(([key, chance, make]) => {
    const times = next() < chance ? (next() < 0.05 ? 2 : 1) : 0
    return Array.from({ length: times }, () => `${quoted(key)}:${make(next)}`)
  })
  return `{${given.join(next() < 0.1 ? " ,\n" : ",")}}`
}

const bag = (next: Random): string =>
  next() < 0.85 ? `{${members(next, 2).join(",")}}` : value(next)

const PROPERTIES: Fields = [
  ["distinct_id", 0.1, id],
  ["$anon_distinct_id", 0.6, id],
  ["alias", 0.6, id],
  ["$set", 0.3, bag],
  ["$set_once", 0.3, bag],
  ["$unset", 0.2, (next) => (next() < 0.5 ? `["a","b"]` : value(next))],
  ["utm_source", 0.1, value],
  ["$device_id", 0.1, id],
  ["$lib", 0.1, (next) => (next() < 0.5 ? '"posthog-ios"' : value(next))],
  ["$process_person_profile", 0.1, value],
  ["$ignore_sent_at", 0.1, value],
  ["token", 0.1, value],
  ["n", 0.2, number],
]

const time = (next: Random): string =>
  next() < 0.5
    ? quoted(new Date(RandomEvents.START + RandomEvents.below(next, 200_000)).toISOString())
    : value(next)

const EVENT: Fields = [
  ["event", 0.98, (next) => (next() < 0.9 ? quoted(RandomEvents.pick(next, NAMES)) : value(next))],
  ["distinct_id", 0.95, id],
  ["$distinct_id", 0.05, id],
  ["properties", 0.95, (next) => (next() < 0.97 ? object(next, PROPERTIES) : value(next))],
  ["$set", 0.1, bag],
  ["$set_once", 0.1, bag],
  ["$unset", 0.1, value],
  ["timestamp", 0.2, time],
  ["sent_at", 0.1, time],
  ["offset", 0.2, (next) => (next() < 0.7 ? number(next) : value(next))],
  ["uuid", 0.3, (next) => (next() < 0.95 ? quoted(uuid(next)) : value(next))],
  ["given_uuid", 0.03, value],
  ["received_at", 0.03, value],
  ["project", 0.03, value],
  ["api", 0.02, value],
]

/** The text of an event, or of what somebody takes for one. */
export const event = (next: Random): string => object(next, EVENT)

/** The text of a body: an event, several, or a batch; now and then a byte of it is no UTF-8. */
export const body = (next: Random, token: string): Uint8Array<ArrayBuffer> => {
  const events = Array.from({ length: 1 + RandomEvents.below(next, 3) }, () => event(next))
  const batch: Fields = [
    ["api_key", 1, () => quoted(token)],
    ["batch", 1, () => `[${events.join(",")}]`],
    ["sent_at", 0.2, time],
  ]
  const bytes = Uint8Array.from(new TextEncoder().encode(object(next, batch)))
  if (next() < 0.02) bytes[RandomEvents.below(next, bytes.length)] = 0xe9
  return bytes
}
