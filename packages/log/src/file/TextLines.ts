import { Stream } from "effect"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * Bytes that are no UTF-8 become lone surrogates from here on, which UTF-8 texts never have, so that the line is
 * refused.
 */
const halves = 0xdc00

const ascii = /^[\0-\x7f]*$/

/** The text of a line that has one character for each of its bytes. */
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

/** The bytes of which a line was read. */
export const bytesOf = (line: string): Uint8Array =>
  line.isWellFormed()
    ? Buffer.from(line)
    : Buffer.from(
        line.replaceAll(/[^\0-\x7f]/g, (half) => String.fromCharCode(half.charCodeAt(0) - halves)),
        "latin1",
      )

/** The most bytes of a line: those of the largest event, with all that an export writes around it. */
export const bytesMax = 4 * EventDecoder.bytesMax

/**
 * Cuts lines behind `bytesMax`, so that an endless line does not fill the memory; one byte more shows that it was too
 * long.
 */
const bounded = () => {
  let length = 0
  const cut = (line: string): string => {
    const kept = line.slice(0, Math.max(0, bytesMax + 1 - length))
    length += line.length
    return kept
  }
  return (text: string): string => {
    const end = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"))
    if (length + text.length <= bytesMax) {
      length = end === -1 ? length + text.length : text.length - end - 1
      return text
    }
    return text
      .split(/([\n\r])/)
      .map((part) => {
        if (part !== "\n" && part !== "\r") return cut(part)
        length = 0
        return part
      })
      .join("")
  }
}

const byteOrderMark = /^\uFEFF/

/**
 * The lines of a file, of which a few are in memory at a time. A line that is no UTF-8 has lone surrogates, and one
 * beyond `bytesMax` is cut; `EventLine` refuses both.
 */
export const fromBytes = <E, R>(
  bytes: Stream.Stream<Uint8Array, E, R>,
): Stream.Stream<string, E, R> =>
  Stream.suspend(() => {
    const bound = bounded()
    return Stream.map(bytes, (chunk) => bound(Buffer.from(chunk).toString("latin1")))
  }).pipe(
    Stream.splitLines,
    Stream.map(textOf),
    Stream.zipWithIndex,
    Stream.map(([line, index]) => (index === 0 ? line.replace(byteOrderMark, "") : line)),
  )
