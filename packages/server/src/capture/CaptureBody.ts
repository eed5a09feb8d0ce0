import { Result } from "effect"
import { isUtf8 } from "node:buffer"
import { promisify } from "node:util"
import { gunzip, gunzipSync } from "node:zlib"
import * as Json from "@onymous/identity/encoding/Json"
import { type CaptureError, invalidField, invalidPayload, tooLarge } from "./CaptureError.ts"
import * as LzString from "./LzString.ts"
import * as RequestToken from "./RequestToken.ts"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

/** A request to capture, before it is decoded. */
export interface CaptureRequest {
  readonly body: Uint8Array
  readonly contentType: string
  readonly contentEncoding: string
  readonly query: URLSearchParams
}

/** The events of a request before they are decoded, and the fields that all of them share. */
export interface CaptureBatch {
  readonly token: string
  readonly events: ReadonlyArray<Json.Json>
  readonly sentAt: Json.Json | undefined
  /** The name of an event in an error: `batch[3]`, or nothing for a single event. */
  readonly nameOf: (index: number) => string
}

/** The most bytes of an unpacked body; a compression bomb is refused before it is unpacked whole. */
export const unpackedBytesMax = 20 * 1024 * 1024

/** The contents of a body, which may still be wrapped. */
interface Content {
  readonly bytes: Uint8Array
  readonly text: string
}

const lenient = new TextDecoder()

const replacement = "\uFFFD"

/** True for a text with replacements for bytes that are no UTF-8: it is refused, because two ids could become one. */
const isGuessed = ({ bytes, text }: Content): boolean =>
  text.includes(replacement) && !isUtf8(bytes)

const ofBytes = (bytes: Uint8Array): Content => {
  let text: string | undefined
  return {
    bytes,
    get text() {
      return (text ??= lenient.decode(bytes).trim())
    },
  }
}

const ofText = (text: string): Content => ({
  get bytes() {
    return new TextEncoder().encode(text)
  },
  text: text.trim(),
})

type Unwrapped = Result.Result<Content, CaptureError>

/** The hints that a request gives about the form of its body. */
interface Hints {
  readonly form: URLSearchParams | undefined
  readonly query: URLSearchParams
  readonly compression: string
  readonly contentEncoding: string
}

/** One way to wrap a body: `claims` is true where a body is wrapped in it, and `unwrap` returns the contents. */
interface Unwrapper {
  readonly claims: (content: Content, hints: Hints) => boolean
  readonly unwrap: (content: Content, hints: Hints) => Unwrapped | Promise<Unwrapped>
}

const dataOf = ({ form, query }: Hints) => form?.get("data") ?? query.get("data")

/** The `data` of a form or a query: JSON or lz64 as they are, or base64 of JSON or of gzip. */
const field: Unwrapper = {
  claims: (_, hints) => typeof dataOf(hints) === "string",
  unwrap: (_, hints) => {
    const data = (dataOf(hints) ?? "").trim()
    const isText =
      hints.compression === "lz64" || (hints.compression !== "base64" && isJsonText(data))
    // In a form, a sent replacement character cannot be told from replaced bytes.
    if (isText && data.includes(replacement)) return Result.fail(invalidField("data", "UTF-8"))
    return Result.succeed(isText ? ofText(data) : ofBytes(fromBase64(data)))
  },
}

/**
 * Gzip, recognised by its first bytes and not by headers, because posthog-js names no encoding. A body that claims to
 * be gzip and is not is refused.
 */
const gzip: Unwrapper = {
  claims: ({ bytes }, { contentEncoding, compression }) =>
    isGzip(bytes) || /gzip/.test(`${contentEncoding} ${compression}`),
  unwrap: ({ bytes }) =>
    isGzip(bytes) ? unzip(bytes) : Result.fail(invalidPayload("The body is not gzip.")),
}

/** The lz64 of posthog-js; a body that claims to be lz64 and is JSON is read as JSON. */
const lz64: Unwrapper = {
  claims: ({ text }, { compression, contentEncoding }) =>
    (compression === "lz64" || contentEncoding === "lz64") && !looksLikeJson(text),
  unwrap: ({ text }) => withoutLz64(text),
}

const nothing: Unwrapper = {
  claims: ({ text }) => text === "",
  unwrap: () => Result.fail(invalidPayload("The body is empty.")),
}

/** Base64 of JSON or of gzip, which some SDKs send without naming it. */
const base64: Unwrapper = {
  claims: ({ text }) => !isJsonText(text),
  unwrap: ({ text }) => {
    const bytes = fromBase64(text)
    return isGzip(bytes) ? unzip(bytes) : Result.succeed(ofBytes(bytes))
  },
}

/** The forms of the SDKs (posthog.md §7.2), the outermost first. */
const unwrappers: ReadonlyArray<Unwrapper> = [field, gzip, lz64, nothing, base64]

/** Reads a body in any of the forms of the SDKs. */
export const decode = async (
  request: CaptureRequest,
): Promise<Result.Result<CaptureBatch, CaptureError>> => {
  const { body, query, contentType, contentEncoding } = request
  const form = formOf(body, contentType)
  const compression = form?.get("compression") ?? query.get("compression") ?? ""
  const hints = { form, query, compression, contentEncoding }
  let content = ofBytes(body)
  for (const unwrapper of unwrappers) {
    if (!unwrapper.claims(content, hints)) continue
    const unwrapped = await unwrapper.unwrap(content, hints)
    if (Result.isFailure(unwrapped)) return Result.fail(unwrapped.failure)
    content = unwrapped.success
  }
  if (isGuessed(content)) return Result.fail(invalidField("body", "UTF-8"))
  const json = parse(content.text, `${contentEncoding} ${compression}`)
  return Result.flatMap(json, (value) => split(value, form, query))
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

const unzipAside = promisify(gunzip)

/**
 * Bodies up to this size are unpacked in this thread, because another thread takes longer; even a bomb takes only
 * milliseconds.
 */
const unzippedHereMax = 16 * 1024

const unzip = async (bytes: Uint8Array): Promise<Unwrapped> => {
  const options = { maxOutputLength: unpackedBytesMax }
  const isAside = bytes.length > unzippedHereMax
  try {
    const unpacked = isAside ? await unzipAside(bytes, options) : gunzipSync(bytes, options)
    return Result.succeed(ofBytes(unpacked))
  } catch (error) {
    const isBomb = error instanceof RangeError
    return Result.fail(
      isBomb
        ? tooLarge(`The body may take ${unpackedBytesMax} bytes when unpacked.`)
        : invalidPayload("The body is not whole gzip."),
    )
  }
}

const parseJson = (text: string): unknown => {
  try {
    return ExactJson.parse(text)
  } catch {
    return undefined
  }
}

const looksLikeJson = (text: string): boolean => /^[[{]/.test(text)

/** True for JSON, including `null`, `5` and `"abc"`, which are no events but no base64 either. */
const isJsonText = (text: string): boolean => looksLikeJson(text) || parseJson(text) !== undefined

/** Decodes base64, also with spaces for the pluses that a form has lost, and without padding. */
const fromBase64 = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", "+"), "base64")

/** The form in a body; undefined for JSON, which some clients send by the type of a form. */
const formOf = (body: Uint8Array, contentType: string): URLSearchParams | undefined => {
  if (!contentType.includes("application/x-www-form-urlencoded") || isGzip(body)) return undefined
  const { text } = ofBytes(body)
  return looksLikeJson(text) ? undefined : new URLSearchParams(text)
}

/** The longest lz64 text, shorter than other bodies, because unpacking it blocks the process. */
const lz64LengthMax = 2 * 1024 * 1024

const withoutLz64 = (packed: string): Unwrapped => {
  if (packed.length > lz64LengthMax) {
    return Result.fail(tooLarge(`The body may take ${lz64LengthMax} characters as lz64.`))
  }
  const unpacked = LzString.unpack(packed.replaceAll(" ", "+"), unpackedBytesMax)
  if ("text" in unpacked) return Result.succeed(ofText(unpacked.text))
  return Result.fail(
    unpacked.refusal === "too long"
      ? tooLarge(`The body may take ${unpackedBytesMax} characters when unpacked.`)
      : invalidPayload("The body is not whole lz64."),
  )
}

/**
 * Longer texts are checked for their nesting before they are parsed, because parsing endless nesting would block the
 * process.
 */
const parsedUnseenMax = 256 * 1024

const quote = '"'.charCodeAt(0)
const backslash = "\\".charCodeAt(0)
const openings = new Set([..."[{"].map((char) => char.charCodeAt(0)))
const closings = new Set([..."]}"].map((char) => char.charCodeAt(0)))

/** True if a JSON text nests deeper than `limit`; stops at the first such place. */
const nestsDeeperThan = (text: string, limit: number): boolean => {
  let depth = 0
  let isInText = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === quote) isInText = !isInText
    else if (isInText) index += code === backslash ? 1 : 0
    else if (openings.has(code) && ++depth > limit) return true
    else if (closings.has(code)) depth--
  }
  return false
}

const readable = /^(identity|gzip|x-gzip|gzip-js|base64|lz64|)$/i

const notJson = (encodings: string): CaptureError => {
  const unknown = encodings.split(/[\s,]+/).filter((encoding) => !readable.test(encoding))
  return invalidPayload(
    unknown.length === 0
      ? "The body is not JSON."
      : `The body is not JSON, and ${unknown.join(", ")} is not gzip, gzip-js, base64 or lz64.`,
  )
}

const parse = (text: string, encodings: string): Result.Result<unknown, CaptureError> => {
  // Made on demand, because making an error takes longer than reading a small body.
  const tooDeep = () => invalidPayload(`The body nests deeper than ${Json.depthMax} levels.`)
  if (text.length > parsedUnseenMax && nestsDeeperThan(text, Json.depthMax)) {
    return Result.fail(tooDeep())
  }
  const value = parseJson(text)
  if (value === undefined) return Result.fail(notJson(encodings))
  return Json.isDeeperThan(value, Json.depthMax) ? Result.fail(tooDeep()) : Result.succeed(value)
}

const mayHoldEvents = (value: unknown): value is Json.Json =>
  typeof value === "object" && value !== null

/** Splits a body into events: it is one event, an array of events, or a batch with its token. */
const split = (
  value: unknown,
  form: URLSearchParams | undefined,
  query: URLSearchParams,
): Result.Result<CaptureBatch, CaptureError> => {
  if (!mayHoldEvents(value)) {
    return Result.fail(invalidPayload("expected an event, an array of events or a batch"))
  }
  const batch = Json.isObject(value) ? Json.get(value, "batch") : undefined
  if (batch !== undefined && !Array.isArray(batch)) {
    return Result.fail(invalidField("batch", "an array of events"))
  }
  const list: unknown = batch ?? value
  const events: ReadonlyArray<Json.Json> = Array.isArray(list) ? list : [value]
  if (events.length === 0) return Result.fail(invalidField("batch", "at least one event"))
  const outer = Json.isObject(value) ? value : undefined
  const given = [form, query].flatMap((fields) => [fields?.get("api_key"), fields?.get("token")])
  const carriers = batch === undefined ? events : [value, ...events]
  return Result.map(RequestToken.find(given, carriers), (token) => ({
    token,
    events,
    sentAt: (outer && Json.get(outer, "sent_at")) ?? sentAtOf(form?.get("sent_at") ?? query),
    nameOf: (index) => (Array.isArray(list) ? `batch[${index}]` : ""),
  }))
}

const sentAtOf = (given: string | URLSearchParams): string | undefined => {
  const value = typeof given === "string" ? given : (given.get("_") ?? given.get("sent_at"))
  return value === null || value === "" ? undefined : value
}
