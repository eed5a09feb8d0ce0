import { Redacted, Result } from "effect"
import { readFileSync } from "node:fs"
import type { ConnectionOptions } from "node:tls"
import { type DatabaseError, refused } from "../DatabaseError.ts"

/** Where a server is, as it may be told, and how it is reached. */
export interface ServerUrl {
  /** Host and database, without user and password. */
  readonly address: string
  readonly url: Redacted.Redacted
  /** `prefer` encrypts where the server can. */
  readonly ssl: ConnectionOptions | false
  readonly isOptional: boolean
}

type Read<A> = Result.Result<A, DatabaseError>

/** What the user info of a URL has to be: where it is not, no part of the URL may be told. */
const escaped =
  "a URL whose user and password have %2F for /, %23 for #, %3F for ?, %40 for @ and %25 for %"

const modes = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const

type Mode = (typeof modes)[number]

/** What libpq does where nothing is said: it encrypts where the server can. */
const modeByDefault: Mode = "prefer"

const isMode = (text: string): text is Mode => modes.some((mode) => mode === text)

/** What the driver understands by itself, in a URL. */
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

const known = [...driverParameters, "sslmode", ...Object.keys(tlsFiles)]

const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** Where a character was not escaped, a part of the password may stand where another part of the URL is expected. */
const isSound = ({ username, password, pathname, search, hash }: URL): boolean =>
  hash === "" &&
  !pathname.includes("@") &&
  (username !== "" || !search.includes("@")) &&
  [username, password, pathname].every(isDecodable)

const parsed = (text: string): Read<URL> => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && isSound(url)
    ? Result.succeed(url)
    : Result.fail(refused("database", escaped))
}

const unknownParameter = (url: URL): string | undefined =>
  [...url.searchParams.keys()].find((name) => !known.includes(name))

/** The files that parameters name: certificates and a key. */
const filesOf = (url: URL): Read<ConnectionOptions> => {
  const files: Record<string, Buffer> = {}
  for (const [parameter, option] of Object.entries(tlsFiles)) {
    const path = url.searchParams.get(parameter)
    // The authorities that Node knows are those of the system.
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

/** What a mode asks of the server's certificate, as libpq means it: with an authority named, `require` is `verify-ca`. */
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

/** Reads the address of a server; what is not understood is refused by its name. */
export const read = (text: string): Read<ServerUrl> =>
  Result.gen(function* () {
    const url = yield* parsed(text)
    const unknown = unknownParameter(url)
    if (unknown !== undefined) {
      return yield* Result.fail(refused(`database: ${unknown}`, `none but ${known.join(", ")}`))
    }
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
