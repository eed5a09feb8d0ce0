import * as Redaction from "./Redaction.ts"

/** The flags with secrets; their variables have corresponding names. */
const flags = ["key", "operator-key", "metrics-key", "token"]

const variableOf = (flag: string): string => `ONYMOUS_${flag.toUpperCase().replaceAll("-", "_")}`

/** A text as it is written, and without URL escapes. */
const readings = (written: string): ReadonlyArray<string> => {
  try {
    return [written, decodeURIComponent(written)]
  } catch {
    return [written]
  }
}

/** The password of a database's address, as it is written and without URL escapes. */
const passwordsOf = (address: string): ReadonlyArray<string> => {
  const written = /^[a-z]+:\/\/[^:@]*:(.+)@/i.exec(address)?.[1]
  return written === undefined ? [] : readings(written)
}

/** The values of headers, which are the credentials of exporters. */
const headersOf = (text: string): ReadonlyArray<string> =>
  text.split(",").flatMap((pair) => readings(pair.slice(pair.indexOf("=") + 1).trim()))

/** The typed values of a flag. */
const typed = (words: ReadonlyArray<string>, flag: string): ReadonlyArray<string> =>
  words.flatMap((word, index) => {
    if (word === `--${flag}`) return words[index + 1] ?? []
    return word.startsWith(`--${flag}=`) ? word.slice(flag.length + 3) : []
  })

/** The secrets in the arguments and the environment of a process. */
export const of = (
  words: ReadonlyArray<string>,
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyArray<string> => {
  const given = (flag: string) => [
    ...typed(words, flag),
    ...[environment[variableOf(flag)]].filter((text) => text !== undefined),
  ]
  const headers = Object.entries(environment).flatMap(([name, text]) =>
    /^OTEL_EXPORTER_OTLP_(?:\w+_)?HEADERS$/.test(name) && text !== undefined ? headersOf(text) : [],
  )
  const { PGPASSWORD: password } = environment
  return [
    ...flags.flatMap(given),
    ...given("database-url").flatMap(passwordsOf),
    ...headers,
    ...(password === undefined ? [] : [password]),
  ]
}

let found: Redaction.Redact | undefined

/** Redacts the secrets of this process in a text. */
export const redact: Redaction.Redact = (text) =>
  (found ??= Redaction.of(of(process.argv.slice(2), process.env)))(text)
