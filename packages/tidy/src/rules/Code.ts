import * as Syntax from "./Syntax.ts"
import * as Tree from "./Tree.ts"

const functionLinesMax = 60
const fileLinesMax = 250

/** A function fits on a screen. */
export const shortFunctions: Tree.Rule = (tree) =>
  Tree.productSources(tree).flatMap((file) =>
    Syntax.of(file)
      .functions.filter(({ lines }) => lines > functionLinesMax)
      .map(
        ({ name, line, lines }) =>
          `${file.path}:${line} ${name} has ${lines} lines: at most ${functionLinesMax}.`,
      ),
  )

/**
 * A file holds one concept, short enough to read in one go; comments and blank lines do not count.
 * Split by concept, never by length: a half without a name of its own stays where it is.
 */
export const shortFiles: Tree.Rule = (tree) =>
  Tree.productSources(tree)
    .map((file) => ({ file, lines: Syntax.of(file).codeLines }))
    .filter(({ lines }) => lines > fileLinesMax)
    .map(
      ({ file, lines }) =>
        `${file.path} has ${lines} lines of code, more than ${fileLinesMax}: find the second ` +
        "concept that it holds, and give that a file. Split by concept, never by length.",
    )

/**
 * The compiler knows every type: only the constructor of a brand, with the brand's name, may assert
 * one.
 */
export const honestTypes: Tree.Rule = (tree) =>
  Tree.productSources(tree).flatMap((file) =>
    Syntax.of(file)
      .doubts.filter(({ to, within }) => {
        const name = to.replace(/<.*/s, "").split(".").at(-1) ?? to
        return to !== "const" && !within.includes(name)
      })
      .map(({ to, line }) =>
        to === "any"
          ? `${file.path}:${line} says any: name the type, or say unknown and decode it.`
          : `${file.path}:${line} asserts ${to}: decode it, or make it in a function ${to}.`,
      ),
  )

interface Word {
  readonly pattern: RegExp
  readonly instead: string
  readonly isIn: (path: string) => boolean
}

const isIn =
  (...folders: ReadonlyArray<string>) =>
  (path: string): boolean =>
    folders.includes(Tree.folderOf(path, 1))

const isProduct = (path: string): boolean => Tree.folderOf(path, 2) === "src"

// The patterns are written so that they do not match this file.
const words: ReadonlyArray<Word> = [
  {
    pattern: /\bFIX[M]E\b|\bTO[D]O\b/,
    instead: "do it, or say in the README what is missing",
    isIn: () => true,
  },
  {
    pattern: /\bDate\s*\.\s*now\s*\(|\bnew Date\(\)/,
    instead: "take the time as an argument",
    isIn: (path) => isProduct(path) && isIn("identity")(path),
  },
  {
    pattern: /\bMath\s*\.\s*random\s*\(/,
    instead: "take what is random as an argument",
    isIn: (path) => isProduct(path) && isIn("identity")(path),
  },
  {
    pattern: /\bconsole\s*\.\s*log\s*\(/,
    instead: "Effect.log, or Console.log in a command",
    isIn: (path) => isProduct(path) && !isIn("cli", "bench", "tidy", "release")(path),
  },
  {
    pattern: /SPEC §|\bP\d+\b|posthog\.md/,
    instead: "say it in words, because a host has our declarations, and no specification",
    isIn: (path) => isProduct(path) && isIn("onymous")(path),
  },
  {
    pattern: /\bwith[T]ransaction\b/,
    instead: "Transaction.run of @onymous/database, which a lost connection does not kill",
    isIn: (path) => isProduct(path) && path !== "packages/database/src/sql/Transaction.ts",
  },
  {
    pattern: /\bconst \{[^{}]*\} = [A-Z]\w*$/m,
    instead: "name each member, because a bundler keeps all of a namespace that is taken apart",
    isIn: (path) => isProduct(path) && !isIn("tidy")(path),
  },
]

/** No file uses a word that the house replaces by another. */
export const goodWords: Tree.Rule = (tree) =>
  Tree.sources(tree).flatMap(({ path, text }) =>
    words
      .filter((word) => word.isIn(path))
      .flatMap(({ pattern, instead }) =>
        [...text.matchAll(new RegExp(pattern, `g${pattern.flags}`))].map(
          ({ 0: found, index }) => `${path}:${Tree.lineAt(text, index)} says ${found}: ${instead}.`,
        ),
      ),
  )

const emptyFolders = new Set(["core", "common", "shared", "utils", "types"])
const emptyFile = /^(?:utils?|helpers?)\./i

/** No file, folder or package has a name that says nothing about its content. */
export const goodNames: Tree.Rule = (tree) => [
  ...Tree.packages(tree)
    .filter((name) => emptyFolders.has(name))
    .map((name) => `packages/${name}: name it after the noun that it is about.`),
  ...Tree.sources(tree).flatMap(({ path }) => {
    const folders = path.split("/").slice(2, -1)
    const folder = folders.find((name) => emptyFolders.has(name))
    const file = path.split("/").at(-1) ?? ""
    if (folder !== undefined) return [`${path}: ${folder}/ says nothing; name the concept.`]
    return emptyFile.test(file) ? [`${path}: name it after the concept that it holds.`] : []
  }),
]
