import { Option, Schema } from "effect"

const Uuid = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
)

/** A text that an address holds as it is: half a character is none. */
const Text = Schema.String.check(
  Schema.isNonEmpty(),
  Schema.makeFilter((text: string) => text.isWellFormed()),
)

const Place = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }))

const views = ["persons", "warnings", "status"] as const
export const tabs = ["properties", "ids", "events", "changes", "list"] as const

/** Everything that the page shows is a function of these: a link to them shows a colleague the same. */
export const Address = Schema.Struct({
  project: Text,
  view: Schema.Literals(views),
  /** Looked at as of this position; live where there is none. */
  at: Schema.optionalKey(Place),
  /** Whose person is shown. */
  id: Schema.optionalKey(Text),
  /** Why is it one person with this id? */
  with: Schema.optionalKey(Text),
  /** What if these events had not come? */
  without: Schema.Array(Uuid),
  /** Compared with this position. */
  vs: Schema.optionalKey(Place),
  tab: Schema.Literals(tabs),
  /** What is looked for, in warnings. */
  q: Schema.optionalKey(Text),
  /** Warnings of this type. */
  type: Schema.optionalKey(Text),
  /** Warnings about events of this library, with its version. */
  lib: Schema.optionalKey(Text),
  /** The first digits of the id of the log that the link is about. */
  log: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[0-9a-f]{8}$/))),
})

export type Address = typeof Address.Type

/** Where the page begins. */
export const start: Address = { project: "1", view: "persons", tab: "properties", without: [] }

/** An address that was read, and the parameters of it that mean nothing here. */
export interface Read {
  readonly address: Address
  readonly dropped: ReadonlyArray<string>
}

const numbers = new Set(["at", "vs"])

const single = [
  "project",
  "view",
  "at",
  "id",
  "with",
  "vs",
  "tab",
  "q",
  "type",
  "lib",
  "log",
] as const satisfies ReadonlyArray<keyof Address>

const valueOf = (name: string, text: string): string | number =>
  numbers.has(name) && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : text

const decode = Schema.decodeUnknownOption(Address)

/** Reads the query of an address; what is unknown or wrong is left out, and named. */
export const read = (search: string): Read => {
  const query = new URLSearchParams(search)
  const known = new Set<string>([...single, "without"])
  const dropped = [...new Set([...query.keys()].filter((name) => !known.has(name)))]
  const take = (address: Address, name: keyof Address, value: unknown): Address => {
    const taken = decode({ ...address, [name]: value })
    if (Option.isSome(taken)) return taken.value
    dropped.push(name)
    return address
  }
  let address = start
  for (const name of single) {
    const text = query.get(name)
    if (text !== null) address = take(address, name, valueOf(name, text))
  }
  for (const uuid of query.getAll("without")) {
    address = take(address, "without", [...address.without, uuid.toLowerCase()])
  }
  return { address, dropped }
}

/** The query of an address, without what it would mean anyway. */
export const write = (address: Address): string => {
  const query = new URLSearchParams()
  for (const name of single) {
    const value = address[name]
    if (value !== undefined && value !== start[name]) query.set(name, `${value}`)
  }
  for (const uuid of address.without) query.append("without", uuid)
  const text = query.toString()
  return text === "" ? "/" : `/?${text}`
}
