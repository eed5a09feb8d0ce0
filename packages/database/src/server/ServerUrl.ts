import { Redacted, Result } from "effect"
import { readFileSync } from "node:fs"
import type { ConnectionOptions } from "node:tls"
import { type DatabaseError, refused } from "../DatabaseError.ts"

/** The address of a server for the eyes of users, and how to connect to it. */
export interface ServerUrl {
  /** Host and database, without user and password. */
  readonly address: string
  readonly url: Redacted.Redacted
  /** The TLS options; false where the connection is not encrypted. */
  readonly ssl: ConnectionOptions | false
  /** True for the mode `prefer`, which does without TLS where the server has none. */
  readonly isOptional: boolean
}

type Read<A> = Result.Result<A, DatabaseError>

/** What user and password of a URL have to be, in words: the refusal repeats nothing of the URL. */
const escaped =
  "a URL whose user and password have %2F for /, %23 for #, %3F for ?, %40 for @ and %25 for %"

const modes = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const

type Mode = (typeof modes)[number]

/** The default mode, as in libpq: it encrypts where the server can. */
const modeByDefault: Mode = "prefer"

const isMode = (text: string): text is Mode => modes.some((mode) => mode === text)

/** The parameters of a URL that the driver reads. */
const driverParameters = [
  "host",
  "port",
  "user",
  "password",
  "dbname",
  "application_name",
  "options",
  "connect_timeout",
]

const tlsFiles = { sslrootcert: "ca", sslcert: "cert", sslkey: "key" } as const

const knownParameters = [...driverParameters, "sslmode", ...Object.keys(tlsFiles)]

/** A text without URL escapes, or undefined. Its result is used, because a bundler drops a call without one. */
const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The text between `//` and the path, the rest up to a question mark, and what is behind that. */
const partsOf = (text: string) => {
  const [, authority = "", path = "", search = ""] =
    /^[^:]*:\/\/([^/?#]*)([^?]*)(.*)$/s.exec(text) ?? []
  return { authority, path, search }
}

/** True where an unescaped character may have put a part of the password into another part of the text. */
const isTorn = (text: string): boolean => {
  const { authority, path, search } = partsOf(text)
  // The name of a parameter has no @, but a password in its place may.
  return (
    path.includes("@") ||
    (search.includes("@") && !authority.includes("@")) ||
    /[?&][^=&]*@/.test(search)
  )
}

const portMax = 65_535

const isPort = (text: string): boolean =>
  /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) <= portMax

const isSeconds = (text: string): boolean => /^\d{1,9}$/.test(text)

const expectedPort = `a port from 1 to ${portMax}`
const expectedHost = "one host, with an IPv6 address in [ ]"

/** Refuses host and port by name, also where no URL can be read from the text. */
const refusedPlace = (text: string): DatabaseError | undefined => {
  const { authority } = partsOf(text)
  const place = authority.slice(authority.lastIndexOf("@") + 1).replace(/^\[[\da-f:.]+\]/i, "")
  if (/[[\],]|:.*:/.test(place)) return refused("database: host", expectedHost)
  const [, port = ""] = place.split(":")
  return port === "" || isPort(port) ? undefined : refused("database: port", expectedPort)
}

const parsed = (text: string): Read<URL> => {
  const asEscaped = refused("database", escaped)
  if (isTorn(text)) return Result.fail(asEscaped)
  const place = refusedPlace(text)
  if (place !== undefined) return Result.fail(place)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return Result.fail(asEscaped)
  if (url.hash !== "") {
    return Result.fail(refused("database: #", "nothing after a #, which is %23 in a password"))
  }
  const parts = [url.username, url.password, url.pathname]
  return parts.every((part) => decoded(part) !== undefined)
    ? Result.succeed(url)
    : Result.fail(asEscaped)
}

/** Refuses a parameter by name: an unknown one, one that is there twice, or one with a value that has no meaning. */
const refusedParameter = ({ search, searchParams }: URL): DatabaseError | undefined => {
  const names = [...searchParams.keys()]
  const unknown = names.find((name) => !knownParameters.includes(name))
  // Behind an unescaped question mark in a password, a piece of it stands in the place of a name.
  if (unknown !== undefined && search.includes("@")) return refused("database", escaped)
  if (unknown !== undefined) {
    return refused(`database: ${unknown}`, `none but ${knownParameters.join(", ")}`)
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) return refused(`database: ${repeated}`, "it once")
  if (searchParams.get("host")?.includes(",") === true) {
    return refused("database: host", expectedHost)
  }
  if (!isPort(searchParams.get("port") ?? "1")) return refused("database: port", expectedPort)
  return isSeconds(searchParams.get("connect_timeout") ?? "0")
    ? undefined
    : refused("database: connect_timeout", "a whole number of seconds, from 0")
}

/** Reads the files that parameters name: certificates and a key. */
const filesOf = (url: URL): Read<ConnectionOptions> => {
  const files: Record<string, Buffer> = {}
  for (const [parameter, option] of Object.entries(tlsFiles)) {
    const path = url.searchParams.get(parameter)
    // `system` needs no file, because Node has the authorities of the system.
    if (path === null || (parameter === "sslrootcert" && path === "system")) continue
    try {
      files[option] = readFileSync(path)
    } catch {
      return Result.fail(refused(`database: ${parameter}`, `a file that can be read, not ${path}`))
    }
  }
  return Result.succeed(files)
}

const anyName = { checkServerIdentity: () => undefined }

/** The checks of the server's certificate in a mode, as in libpq, where `require` with an authority is `verify-ca`. */
const checksOf = (mode: Mode, hasAuthority: boolean): ConnectionOptions => {
  switch (mode) {
    case "verify-full":
      return { rejectUnauthorized: true }
    case "verify-ca":
      return { rejectUnauthorized: true, ...anyName }
    case "require":
      return { rejectUnauthorized: hasAuthority, ...anyName }
    default:
      return { rejectUnauthorized: false, ...anyName }
  }
}

/** Reads the URL of a server; refuses an unknown parameter or mode by its name. */
export const read = (text: string): Read<ServerUrl> =>
  Result.gen(function* () {
    const url = yield* parsed(text)
    const parameter = refusedParameter(url)
    if (parameter !== undefined) return yield* Result.fail(parameter)
    const mode = url.searchParams.get("sslmode") ?? modeByDefault
    if (!isMode(mode)) {
      return yield* Result.fail(
        refused("database: sslmode", `one of ${modes.join(", ")}, as libpq has them`),
      )
    }
    const files = yield* filesOf(url)
    for (const name of ["sslmode", ...Object.keys(tlsFiles)]) url.searchParams.delete(name)
    return {
      address: `${url.searchParams.get("host") ?? url.host}${url.pathname}`,
      url: Redacted.make(url.href),
      ssl: mode === "disable" ? false : { ...files, ...checksOf(mode, files.ca !== undefined) },
      isOptional: mode === "prefer",
    }
  })
