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

const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** False where an unescaped character may have put a part of the password into another part of the URL. */
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
  [...url.searchParams.keys()].find((name) => !knownParameters.includes(name))

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
    const unknown = unknownParameter(url)
    if (unknown !== undefined) {
      return yield* Result.fail(
        refused(`database: ${unknown}`, `none but ${knownParameters.join(", ")}`),
      )
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
