/** True for most texts, which have no characters to escape. */
const plain = /^[\x20-\x7e]*$/

/** A joiner between two pictographs, or a selector after one, which are part of one emoji. */
const ofEmoji =
  "(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic})" +
  "|(?<=\\p{Emoji})[\\uFE0E\\uFE0F]"

/** Controls, directions, separators, lone surrogates, and all other invisible characters. */
const unseen = "[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\\p{Default_Ignorable_Code_Point}]"

const special = new RegExp(`${ofEmoji}|(${unseen})`, "gu")

const short: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
])

const unitsOf = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => {
    const code = character.charCodeAt(index).toString(16)
    return `\\u${code.padStart(4, "0")}`
  }).join("")

/**
 * The text with control, direction and invisible characters escaped as in JSON, because such
 * characters of an event could move the cursor, turn the line round, or pass for another id.
 * Escaping twice changes nothing more.
 */
export const visible = (text: string): string =>
  plain.test(text)
    ? text
    : text.replace(special, (found, hidden?: string) =>
        hidden === undefined ? found : (short.get(hidden) ?? unitsOf(hidden)),
      )
