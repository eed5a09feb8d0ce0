import { posix } from "node:path"

/** How to tell where a link of a README leads once its package is installed. */
interface Place {
  /** The package's folder, from the project's. */
  readonly folder: string
  /** The files that are packed, by their paths from the package's folder. */
  readonly packed: ReadonlySet<string>
  /** Where the project's files are shown, with a slash at its end; nothing where nobody shows them. */
  readonly shown: string | undefined
}

/**
 * A README as it is packed: a link to a file that is not packed leads to where the sources are shown, or is its words
 * alone.
 */
export const told = (text: string, { folder, packed, shown }: Place): string =>
  text.replace(/\[([^\]]+)\]\((?![a-z]+:|#)([^)\s]+)\)/g, (link, words: string, target: string) => {
    const [path = "", ...fragment] = target.split("#")
    if (packed.has(posix.normalize(path))) return link
    if (shown === undefined) return words
    return `[${words}](${shown}${[posix.join(folder, path), ...fragment].join("#")})`
  })
