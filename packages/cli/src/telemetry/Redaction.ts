/** What stands in place of a secret. */
const gone = "[redacted]"

/** Takes the secrets out of a text. */
export type Redact = (text: string) => string

/** A shorter text could be a word of a sentence. */
const lengthMin = 6

/** Our keys and tokens, whoever made them. */
const own = /\b(phc|phx|onk)_[\w-]{12,}/g

/** The password of a URL, up to the last `@` before a quote, a space or the path. */
const ofUrl = /(\b[a-z][a-z\d+.-]*:\/\/[^\s:/@"'\\]*:)[^\s"'\\]+(?=@[^\s@]*)/gi

/** What lets somebody in by a header. */
const ofHeader = /(\bauthorization["']?\s*[:=]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',;\\]+/gi
const ofScheme = /(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi

/** What lets somebody in by a parameter, or by a field of JSON. */
const names = "password|passwd|pgpassword|api_?key|access_token|token|secret|operator_?key|key"
const ofParameter = new RegExp(`((?:^|[?&;\\s])(?:${names})=)[^\\s&"'\\\\;]+`, "gi")
const ofField = new RegExp(`(\\\\?["'](?:${names})\\\\?["']\\s*:\\s*\\\\?["'])[^"'\\\\]+`, "gi")

/** A secret as it may stand in a text: as it is, in JSON, and in a URL. */
const formsOf = (secret: string): ReadonlyArray<string> => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
]

/** Takes out these secrets, and whatever looks like one. */
export const of = (secrets: Iterable<string>): Redact => {
  const forms = new Set([...secrets].filter(({ length }) => length >= lengthMin).flatMap(formsOf))
  // A secret that another one begins with would leave the rest of it.
  const known = [...forms].toSorted((a, b) => b.length - a.length)
  return (text) =>
    known
      .reduce((left, secret) => left.replaceAll(secret, gone), text)
      .replace(own, `$1_${gone}`)
      .replace(ofUrl, `$1${gone}`)
      .replace(ofHeader, `$1${gone}`)
      .replace(ofScheme, `$1${gone}`)
      .replace(ofParameter, `$1${gone}`)
      .replace(ofField, `$1${gone}`)
}

/** Takes secrets out of all texts of a value, which is changed. */
export const scrub = (redact: Redact, value: object): void => {
  for (const [name, part] of Object.entries(value)) {
    if (typeof part === "string") Reflect.set(value, name, redact(part))
    else if (typeof part === "object" && part !== null) scrub(redact, part)
  }
}
