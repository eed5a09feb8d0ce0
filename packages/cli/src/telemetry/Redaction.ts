/** The replacement of a secret. */
const mark = "[redacted]"

/** Redacts the secrets in a text. */
export type Redact = (text: string) => string

/** Shorter secrets are not searched for, because they could be words of a sentence. */
const lengthMin = 6

/** Keys and tokens of our form, and of PostHog's. */
const keysAndTokens = /\b(phc|phx|onk)_[\w-]{12,}/g

/** The password of a URL, up to the last `@` before a quote, a space or the path. */
const ofUrl = /(\b[a-z][a-z\d+.-]*:\/\/[^\s:/@"'\\]*:)[^\s"'\\]+(?=@[^\s@]*)/gi

/** Credentials in headers; our own words have `…` where a key belongs, which no header can have. */
const ofHeader =
  /(\bauthorization["']?\s*[:=]\s*["']?)(?!(?:bearer |basic )?(?:onk_)?…)(?:(?:bearer|basic)\s+)?[^\s"',;\\]+/gi
const ofScheme = /(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi

/** Credentials in parameters and in fields of JSON. */
const names = "password|passwd|pgpassword|api_?key|access_token|token|secret|operator_?key|key"
const ofParameter = new RegExp(`((?:^|[?&;\\s])(?:${names})=)[^\\s&"'\\\\;]+`, "gi")
const ofField = new RegExp(`(\\\\?["'](?:${names})\\\\?["']\\s*:\\s*\\\\?["'])[^"'\\\\]+`, "gi")

/** The forms of a secret in a text: plain, in JSON, and in a URL. */
const formsOf = (secret: string): ReadonlyArray<string> => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
]

/** Redacts these secrets, and all texts that look like secrets. */
export const of = (secrets: Iterable<string>): Redact => {
  const forms = new Set([...secrets].filter(({ length }) => length >= lengthMin).flatMap(formsOf))
  // The longest first, because a secret that is the beginning of another would leave the other's rest.
  const sortedForms = [...forms].toSorted((a, b) => b.length - a.length)
  return (text) =>
    sortedForms
      .reduce((left, secret) => left.replaceAll(secret, mark), text)
      .replace(keysAndTokens, `$1_${mark}`)
      .replace(ofUrl, `$1${mark}`)
      .replace(ofHeader, `$1${mark}`)
      .replace(ofScheme, `$1${mark}`)
      .replace(ofParameter, `$1${mark}`)
      .replace(ofField, `$1${mark}`)
}

/** Redacts secrets in all texts of a value, which it changes. */
export const scrub = (redact: Redact, value: object): void => {
  for (const [name, part] of Object.entries(value)) {
    if (typeof part === "string") Reflect.set(value, name, redact(part))
    else if (typeof part === "object" && part !== null) scrub(redact, part)
  }
}
