import { Stream } from "effect"

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** What a byte that is no UTF-8 becomes: half a character, which no UTF-8 text holds, so that its line is refused. */
const halves = 0xdc00

const ascii = /^[\0-\x7f]*$/

/** The text of a line whose bytes came as one character each. */
const textOf = (bytes: string): string => {
  if (ascii.test(bytes)) return bytes
  try {
    return strict.decode(Buffer.from(bytes, "latin1"))
  } catch {
    return bytes.replaceAll(/[^\0-\x7f]/g, (byte) =>
      String.fromCharCode(halves + byte.charCodeAt(0)),
    )
  }
}

/** The bytes that a line was read from. */
export const bytesOf = (line: string): Uint8Array =>
  line.isWellFormed()
    ? Buffer.from(line)
    : Buffer.from(
        line.replaceAll(/[^\0-\x7f]/g, (half) => String.fromCharCode(half.charCodeAt(0) - halves)),
        "latin1",
      )

const byteOrderMark = /^\uFEFF/

/**
 * The lines of a file's bytes; holds a few of them in memory, whatever the file's size. A line that is
 * no UTF-8 has lone surrogates, and whoever reads events refuses it by its number.
 */
export const fromBytes = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>,
): Stream.Stream<string, E, R> =>
  bytes.pipe(
    Stream.map((chunk) => Buffer.from(chunk).toString("latin1")),
    Stream.splitLines,
    Stream.map(textOf),
    Stream.zipWithIndex,
    Stream.map(([line, index]) => (index === 0 ? line.replace(byteOrderMark, "") : line)),
  )
